/** The outline of a page that has not come yet; it says nothing to who listens. */
export function Outline() {
  return (
    <div className="outline" aria-hidden>
      <i />
      <i />
      <i />
    </div>
  )
}
