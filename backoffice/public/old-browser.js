// Read only by browsers that know no modules, and written in what they know: it shows the page that lists what works.
document.getElementById('old-browser').hidden = false
