/* Clear what this site kept in the browser for somebody who has left: drafts of unsent words. */

for (const storage of [localStorage, sessionStorage]) {
  for (const key of Object.keys(storage)) {
    if (key.startsWith("wellspring-draft-")) storage.removeItem(key);
  }
}
