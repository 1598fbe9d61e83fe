// A decision waits until the pictures that it is made on were seen: loaded, or visibly failed with a word on what to do;
// and until the page stands long enough that the second of two quick presses of the page before decides nothing here.
"use strict";

{
  const WAITING = "Obraz jeszcze się wczytuje. Rozstrzygniesz, gdy go zobaczysz.";
  const FAILED = "Nie wszystkie obrazy widać. Wczytaj je jeszcze raz albo porównaj z oryginałem, zanim rozstrzygniesz.";

  const GLANCE = 400;

  let begun = false;

  function sights() {
    return [...document.querySelectorAll("img[data-sight]")];
  }

  function failed(picture) {
    return picture.complete && picture.naturalWidth === 0;
  }

  function note(picture) {
    const next = picture.nextElementSibling;
    return next?.matches(".unshown") ? next : null;
  }

  // The remedy stands where the picture should: again, or the original of the case.
  function mark(picture) {
    if (note(picture)) return;
    const message = document.createElement("p");
    message.className = "error unshown";
    const again = document.createElement("button");
    again.type = "button";
    again.className = "secondary";
    again.textContent = "Wczytaj jeszcze raz";
    again.setAttribute("aria-label", `Wczytaj jeszcze raz: ${picture.alt}`);
    again.addEventListener("click", () => {
      message.remove();
      picture.src = `${picture.src.split("?")[0]}?ponownie=${Date.now()}`;
      update();
    });
    const original = document.createElement("a");
    original.href = `${new URL(picture.src).pathname.split("/").slice(0, 4).join("/")}/oryginal`;
    original.textContent = "pobierz oryginał";
    message.append("Nie udało się pokazać obrazu. ", again, " Jeśli to nie pomoże, ", original, " i porównaj z nim.");
    picture.after(message);
  }

  function update() {
    const pictures = sights();
    for (const picture of pictures) {
      picture.loading = "eager";
      if (failed(picture)) mark(picture);
      else note(picture)?.remove();
    }
    const early = GLANCE - performance.now();
    if (early > 0) window.setTimeout(update, early);
    const waiting = early > 0 || pictures.some((picture) => !picture.complete);
    const unshown = pictures.some(failed);
    for (const button of document.querySelectorAll("[data-decision]")) button.disabled = waiting;
    for (const status of document.querySelectorAll("[data-pictures]")) {
      const told = unshown && !waiting ? FAILED : "";
      if (status.textContent !== told && !(waiting && status.textContent === WAITING)) status.textContent = told;
    }
    // The button that settles the page gets the focus only now, unless the clerk has gone somewhere meanwhile.
    if (waiting || begun) return;
    begun = true;
    const settling = document.querySelector(unshown ? ".unshown button" : "[data-focus-when-seen]");
    if (document.querySelector("[data-focus-when-seen]") && settling && document.activeElement === document.body) settling.focus({ preventScroll: true });
  }

  document.addEventListener("desk:waiting", () => {
    for (const status of document.querySelectorAll("[data-pictures]")) status.textContent = WAITING;
  });
  for (const ended of ["load", "error"]) {
    document.addEventListener(ended, (event) => {
      if (event.target.matches?.("img[data-sight]")) update();
    }, true);
  }
  document.addEventListener("desk:renewed", update);
  update();
}
