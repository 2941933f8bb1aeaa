/* Keeps what is typed or placed on a page in this tab until it has been sent, so that a reload loses nothing. What the
   server sent back with an error is newer and stays. */
const form = document.querySelector("form[data-keep]");
const OURS = "wellspring-draft-kept "; // forget.js clears what begins with wellspring-draft-
const KEY = `${OURS}${location.pathname} ${form.dataset.keep}`;
const NEVER = new Set(["csrfmiddlewaretoken", "key", "turn", "kind_given"]);

function fields() {
  return [...form.elements].filter((field) => field.name && !NEVER.has(field.name) && (field.type !== "hidden" || field.name === "handling"));
}

function keep() {
  const said = fields()
    .filter((field) => !["radio", "checkbox"].includes(field.type) || field.checked)
    .map((field) => [field.name, field.value]);
  try {
    sessionStorage.setItem(KEY, JSON.stringify(said));
  } catch {
    return; // a browser that forbids storage loses nothing but this copy
  }
}

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  } catch {
    return [];
  }
}

function restore() {
  const said = kept();
  if (!said.length || document.getElementById("error-summary")) return;
  for (const field of fields()) {
    const values = said.filter(([name]) => name === field.name).map(([, value]) => value);
    if (["radio", "checkbox"].includes(field.type)) field.checked = values.includes(field.value);
    else if (values.length) [field.value] = values;
  }
  form.dispatchEvent(new CustomEvent("fields:restored", { bubbles: true }));
}

function forgetOthers() {
  try {
    Object.keys(sessionStorage)
      .filter((key) => key.startsWith(OURS) && key !== KEY)
      .forEach((key) => sessionStorage.removeItem(key));
  } catch {
    return;
  }
}

restore();
forgetOthers();
form.addEventListener("input", keep);
form.addEventListener("change", keep);
