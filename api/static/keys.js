// Every action of a page by keyboard. Each key has Ctrl, Alt or a function key: single letters are left to the browser
// and to screen readers.
"use strict";

{
  function chord(event) {
    const code = event.code === "NumpadEnter" ? "enter" : event.code.toLowerCase();
    return [event.ctrlKey && "ctrl", event.altKey && "alt", code].filter(Boolean).join("+");
  }

  // Of several alike, as the turns of pages, the one beside the focus.
  function meant(targets) {
    return [...targets].find((one) => one.closest("li")?.contains(document.activeElement)) || targets[0];
  }

  // What can only be done once something was chosen leads to the choice first.
  function choice(target) {
    const group = target.dataset.choice && target.form.querySelector(target.dataset.choice);
    if (!group || group.contains(document.activeElement)) return null;
    return group.querySelector("input:checked, input") || group;
  }

  // A key of several buttons leads from one to the next; Enter presses the one that has the focus.
  function lead(target) {
    const all = [...target.parentElement.querySelectorAll("button")];
    all[(all.indexOf(document.activeElement) + 1) % all.length].focus();
  }

  document.addEventListener("keydown", (event) => {
    // AltGr types Polish letters; on Windows it looks like Ctrl and Alt together.
    if (event.getModifierState("AltGraph") || (event.ctrlKey && event.altKey) || event.shiftKey || event.metaKey) return;
    if (document.querySelector("dialog[open]")) return;
    const target = meant(document.querySelectorAll(`[data-key="${CSS.escape(chord(event))}"]`));
    if (!target || target.hidden) return;
    event.preventDefault();
    if (event.repeat && target.type === "submit") return; // held down since the page before
    const first = choice(target);
    if (first) {
      first.focus();
      return;
    }
    if ("leads" in target.dataset) {
      lead(target);
      return;
    }
    if (target.disabled) document.dispatchEvent(new CustomEvent("desk:waiting"));
    target.click();
    if (target.type === "checkbox") target.focus();
    if (target.tagName === "SUMMARY" && target.parentElement.open) {
      target.parentElement.querySelector("input:not([type=hidden]), textarea")?.focus();
    }
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-help]")) document.getElementById("skroty").showModal();
  });

  for (const button of document.querySelectorAll("[data-help]")) button.hidden = false;
  document.addEventListener("desk:renewed", () => {
    for (const button of document.querySelectorAll("[data-help]")) button.hidden = false;
  });
}
