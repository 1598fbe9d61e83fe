"use strict";

// Shows by itself what became of a document that was being read when the page was opened.
// Without this script the link "Sprawdź teraz" does the same.
(() => {
  const shown = document.getElementById("case");
  const told = document.getElementById("told");
  const place = `/api/v1/submissions/${shown.dataset.tracking}`;
  const patience = Date.now() + 10 * 60 * 1000;

  async function look() {
    try {
      const answer = await fetch(place, { headers: { Accept: "application/json" } });
      if (answer.ok && (await answer.json()).state !== shown.dataset.state) {
        await renew();
        return;
      }
    } catch {
      // No network just now: the next look may find it again.
    }
    if (Date.now() < patience) setTimeout(look, 2000);
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
    told.textContent = `Stan sprawy: ${renewed.querySelector(".notice h2").textContent}.`;
    if (held) {
      const heading = renewed.querySelector(".notice h2");
      heading.tabIndex = -1;
      heading.focus();
    }
  }

  setTimeout(look, 1500);
})();
