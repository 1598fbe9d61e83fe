"use strict";

// A nicety: what is to be typed into a transfer can be copied. Without this script there are no such buttons.
const told = document.getElementById("skopiowano");

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).dataset.copied);
      told.textContent = "Skopiowano.";
    });
  }
}
