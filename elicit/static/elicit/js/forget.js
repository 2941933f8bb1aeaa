/* Clear what this site kept in the browser for somebody who has left: drafts of unsent words. */

for (const key of Object.keys(localStorage)) {
  if (key.startsWith("wellspring-draft-")) localStorage.removeItem(key);
}
