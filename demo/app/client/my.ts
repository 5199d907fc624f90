/** Somebody's own pages: what makes them installable, and their shell there without a connection. */
void navigator.serviceWorker?.register('/my/worker.js', { type: 'module' }).catch(() => undefined)
