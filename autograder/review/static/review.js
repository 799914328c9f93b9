// Keyboard shortcuts and nothing else: every page works without this file.
"use strict";

const $ = (selector) => document.querySelector(selector);
const form = $("#grade");
const points = $("#points");
const ticks = form ? [...form.querySelectorAll("input[name=tick]")] : [];
let dirty = false;
let warned = "";

document.documentElement.classList.add("has-script");

function showTotal() {
  const total = ticks.filter((t) => t.checked).reduce((sum, t) => sum + Number(t.dataset.points), 0);
  points.value = String(Math.round(total * 1e6) / 1e6);
}

function changed() {
  dirty = true;
  warned = "";
  $("#unsaved").hidden = true;
}

function give(value) {
  points.value = value;
  for (const tick of ticks) tick.checked = Number(value) === Number(points.dataset.most);
  changed();
}

function go(key) {
  const link = $(`a[data-key="${key}"]`);
  if (!link) return;
  if (dirty && warned !== key) {
    warned = key;
    $("#unsaved").hidden = false;
    return;
  }
  location.assign(link.href);
}

function save() {
  if (form) form.requestSubmit(form.querySelector("button.primary"));
}

function digit(key) {
  const number = Number(key);
  if (!form) return;
  if (number === 0) return give("0");
  if (ticks.length === 0) return give(key);
  const tick = ticks[number - 1];
  if (!tick) return;
  tick.checked = !tick.checked;
  showTotal();
  changed();
}

const actions = {
  f: () => form && give(points.dataset.most),
  c: () => { const box = $("#comment"); if (box) { box.focus(); box.scrollIntoView({ block: "nearest" }); } },
  m: () => { const model = $("#model"); if (model) { model.open = !model.open; model.scrollIntoView({ block: "nearest" }); } },
  Enter: save,
  "?": () => $("#help").showModal(),
};

document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input:not([type=checkbox]), textarea, select");
  if (event.key === "Escape" && field) return field.blur();
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); return save(); }
  if (field || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || $("#help").open) return;
  if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
  if (/^[0-9]$/.test(event.key) && form) { event.preventDefault(); return digit(event.key); }
  if ("npou".includes(event.key)) return go(event.key);
  const action = actions[event.key];
  if (action) { event.preventDefault(); action(); }
});

for (const button of document.querySelectorAll("[data-do=help]")) {
  button.addEventListener("click", () => $("#help").showModal());
}
if (form) {
  form.addEventListener("input", (event) => {
    if (event.target.name === "tick") showTotal();
    changed();
  });
}
