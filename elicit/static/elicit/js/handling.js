/* Notes how each field of a form was answered, in its hidden field "handling": whether it was touched, seconds from the
   first look at it to its last change, how often it changed, how many characters were pasted. It describes, and decides nothing. */
const box = document.querySelector('form input[name="handling"]');
const form = box.form;
const told = JSON.parse(box.value || "{}");
const since = new Map();

function of(name) {
  return (told[name] ??= { touched: false, seconds: 0, changes: 0, pasted: 0 });
}

function nameOf(target) {
  return target.name || target.closest("[data-slider]")?.querySelector("[name]")?.name || "";
}

function begin(event) {
  const name = nameOf(event.target);
  if (name && name !== "handling" && !since.has(name)) since.set(name, { from: performance.now(), before: of(name).seconds });
}

function note(event) {
  const name = event.target.name;
  if (!name || name === "handling") return;
  begin(event);
  const record = of(name);
  const { from, before } = since.get(name);
  record.touched = true;
  record.seconds = Math.round((before + (performance.now() - from) / 1000) * 10) / 10;
  if (event.type === "change") record.changes += 1;
  box.value = JSON.stringify(told);
}

form.addEventListener("fields:restored", () => Object.assign(told, JSON.parse(box.value || "{}")));
form.addEventListener("focusin", begin, true);
form.addEventListener("input", note, true);
form.addEventListener("change", note, true);
form.addEventListener("paste", (event) => {
  const name = event.target.name;
  if (name) of(name).pasted += event.clipboardData?.getData("text").length ?? 0;
});
