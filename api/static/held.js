// A key held down since the page before, or the second click of a double one, decides nothing about what has only just
// come to the screen.
"use strict";

document.addEventListener("keydown", (event) => {
  if (!event.repeat || event.key !== "Enter" || event.target.matches("textarea")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("click", (event) => {
  if (event.detail > 1 && event.target.closest("form[data-decides] [type=submit]")) event.preventDefault();
}, true);
