"use strict";

// Shows by itself what becomes of a document while the machine is at work on it.
// Without this script the link "Sprawdź teraz" does the same.
(() => {
  const told = document.getElementById("told");
  const patience = Date.now() + 10 * 60 * 1000;
  let shown = document.getElementById("case");

  async function look() {
    try {
      const answer = await fetch(`/api/v1/submissions/${shown.dataset.tracking}`, { headers: { Accept: "application/json" } });
      if (answer.ok && (await answer.json()).state !== shown.dataset.state) await renew();
    } catch {
      // No network just now: the next look may find it again.
    }
    if ("goesOn" in shown.dataset && Date.now() < patience) setTimeout(look, 2000);
  }

  async function renew() {
    const page = await (await fetch(window.location.href)).text();
    const fresh = new DOMParser().parseFromString(page, "text/html");
    const renewed = fresh.getElementById("case");
    if (!renewed) {
      window.location.reload();
      return;
    }
    const held = shown.contains(document.activeElement);
    document.title = fresh.title;
    document.querySelector("main").className = fresh.querySelector("main").className;
    document.querySelector("h1").replaceWith(fresh.querySelector("h1"));
    shown.replaceWith(renewed);
    shown = renewed;
    const heading = shown.querySelector(".notice h2");
    told.textContent = `Stan sprawy: ${heading.textContent}.`;
    if (held) {
      heading.tabIndex = -1;
      heading.focus();
    }
  }

  setTimeout(look, 1500);
})();
