// What is typed into a form and not sent yet outlives a reload, a dropped connection and a closed tab: this browser keeps
// it until the server has it. On a shared computer it keeps nothing, if somebody says so.
"use strict";
(() => {
  const shared = "ebok-wspolny-komputer";
  const page = document.querySelector("[data-keep]");
  const place = `ebok-formularz-${page.dataset.keep}`;
  const token = page.dataset.token;
  const form = document.querySelector("form[data-check]"); // none on the pages that come after it
  const restored = document.getElementById("przywrocone");
  const told = document.getElementById("pamiec");

  const inputs = () => [...form.querySelectorAll("input[name]:not([type=hidden])")];
  const valueOf = (input) => (input.type === "checkbox" ? input.checked : input.value);
  const values = () => Object.fromEntries(inputs().map((input) => [input.name, valueOf(input)]));

  function kept() {
    const found = JSON.parse(localStorage.getItem(place));
    const days = Number(page.dataset.days);
    return found !== null && Date.now() - found.at < days * 86400000 ? found : null;
  }

  function keep() {
    if (localStorage.getItem(shared) !== null) return;
    localStorage.setItem(place, JSON.stringify({ token, at: Date.now(), values: values() }));
  }

  function write(typed) {
    for (const input of inputs()) {
      if (!(input.name in typed)) continue;
      if (input.type === "checkbox") input.checked = typed[input.name] === true;
      else input.value = typed[input.name];
    }
  }

  function tell() {
    const nothing = localStorage.getItem(shared) !== null;
    told.querySelector("span").textContent = nothing
      ? "Ta przeglądarka nie zapamiętuje tego, co wpisujesz."
      : "Dopóki nie wyślesz formularza, ta przeglądarka pamięta to, co wpisujesz.";
    told.querySelector("button").textContent = nothing ? "Zapamiętuj" : "To wspólny komputer: nie zapamiętuj";
    told.hidden = false;
  }

  try {
    const before = kept();
    if (form === null) {
      if (before === null || before.token === token) localStorage.removeItem(place); // the server has it
      return;
    }
    // Of an empty form it does not matter under which address it was begun: each time it is another one.
    const here = before !== null && (page.dataset.begun === undefined || before.token === token);
    const same = here && JSON.stringify(before.values) === JSON.stringify(values());
    if (before === null || (same && page.dataset.begun !== undefined)) localStorage.removeItem(place);
    else if (here && !same && !document.querySelector(".error-summary")) {
      write(before.values);
      keep(); // under the address of this page
      restored.hidden = false;
    }
    tell();
    form.addEventListener("input", keep);
    form.addEventListener("change", keep);
    told.querySelector("button").addEventListener("click", () => {
      if (localStorage.getItem(shared) === null) {
        localStorage.setItem(shared, "1");
        localStorage.removeItem(place);
      } else {
        localStorage.removeItem(shared);
        keep();
      }
      tell();
    });
    restored.querySelector("button").addEventListener("click", () => {
      localStorage.removeItem(place);
      location.reload();
    });
    document.getElementById("od-nowa")?.addEventListener("submit", () => localStorage.removeItem(place));
  } catch {
    // a browser that keeps nothing for us: the form works as without this script
  }
})();
