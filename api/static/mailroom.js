"use strict";

// Shows by itself what comes and goes in the scan folder. Without this script the link "Odśwież" does the same.
(() => {
  const EVERY = 10 * 1000;
  const lost = document.getElementById("bez-polaczenia");
  const told = document.getElementById("powiedziane");
  let shown = document.getElementById("stan");

  const time = (part) => part.querySelector(".state time").textContent;
  const headline = (part) => part.querySelector("#naglowek").textContent;

  async function look() {
    try {
      if (!document.hidden) await renew();
      lost.hidden = true;
    } catch {
      lost.querySelector("span").textContent = time(shown).slice(-5);
      lost.hidden = false;
    }
    setTimeout(look, EVERY);
  }

  async function renew() {
    const known = { "If-None-Match": shown.dataset.mark };
    const answer = await fetch("/biuro/kancelaria", { headers: { Accept: "text/html", "X-Looks-By-Itself": "1", ...known } });
    if (answer.status === 304) return;
    if (answer.status >= 500) throw new Error("the program does not answer");
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("stan");
    if (!fresh) { // signed out, or no longer of this role: the page itself says what to do
      window.location.assign("/biuro/kancelaria");
      return;
    }
    const named = (one) => one.id || one.getAttribute("href");
    const held = shown.contains(document.activeElement) ? named(document.activeElement) : null;
    if (headline(fresh) !== headline(shown)) told.textContent = headline(fresh);
    shown.replaceWith(fresh);
    shown = fresh;
    if (held) [...shown.querySelectorAll("a, button")].find((one) => named(one) === held)?.focus();
  }

  setTimeout(look, EVERY);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) renew().catch(() => {}); });
})();
