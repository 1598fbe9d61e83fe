// The review desk by keyboard: from doubt to doubt, the lease kept while somebody works. The pages work without it.
"use strict";

{
  let active = false;

  function work() {
    return document.querySelector(".work[data-lease]");
  }

  function stops() {
    return [...work().querySelectorAll("[data-stop]")];
  }

  function stop(element) {
    element.focus();
    element.select?.();
  }

  function begin() {
    if (!work() || work().querySelector("[autofocus]")) return;
    const open = stops().filter((one) => !("checked" in one.dataset));
    const first = document.getElementById("bledy") || open[0] || work().querySelector("[data-first]");
    const approve = document.getElementById("zatwierdz");
    if (first || approve) stop(first || approve);
  }

  // Each doubtful field is left once; then Enter approves, wherever it is pressed.
  function goOn(from, all) {
    const at = all.indexOf(from);
    if (at >= 0) from.dataset.checked = "";
    const unseen = [...all.slice(at + 1), ...all.slice(0, at + 1)].find((one) => !("checked" in one.dataset));
    if (unseen) {
      stop(unseen);
      return;
    }
    const approve = document.getElementById("zatwierdz");
    if (approve.disabled) document.dispatchEvent(new CustomEvent("desk:waiting"));
    approve.click();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.altKey || !event.target.matches(".work[data-lease] input")) return;
    if (!document.getElementById("zatwierdz")) return;
    event.preventDefault();
    const all = stops();
    if (!event.shiftKey) goOn(event.target, all);
    else if (all.indexOf(event.target) > 0) stop(all[all.indexOf(event.target) - 1]);
  });

  document.addEventListener("focusin", (event) => {
    const entry = event.target.closest("[data-place]");
    if (entry) viewer.look(entry);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Tab" && !event.shiftKey && "stop" in event.target.dataset) event.target.dataset.checked = "";
  });

  // Whoever approves has looked at everything; after a refusal only what was refused is looked at again.
  document.addEventListener("submit", (event) => {
    if (event.submitter?.id !== "zatwierdz") return;
    for (const one of stops()) one.dataset.checked = "";
  }, true);

  async function prolong() {
    if (!active || document.hidden || !work()) return;
    active = false;
    const body = new URLSearchParams({ csrf: work().elements.csrf.value });
    const answer = await fetch(work().dataset.prolong, { method: "POST", body });
    if (answer.status !== 409) return;
    const lost = document.getElementById("utracona");
    lost.textContent = await answer.text();
    lost.hidden = false;
  }

  document.addEventListener("desk:begin", begin);
  begin();
  if (work()) {
    for (const sign of ["keydown", "pointerdown", "wheel"]) {
      document.addEventListener(sign, () => { active = true; }, { passive: true });
    }
    window.setInterval(() => prolong().catch(() => {}), (Number(work().dataset.lease) / 3) * 1000);
  }
  if (work()?.dataset.next) {
    window.addEventListener("load", () => { new Image().src = work().dataset.next; });
  }
}
