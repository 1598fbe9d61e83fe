// A form is sent without leaving the page. What is refused comes back into the page as it stands: what was typed, ticked,
// opened or enlarged since stays, and the focus goes to the first refused field unless somebody is typing elsewhere.
"use strict";

{
  const AWAY = "Nie udało się połączyć z serwerem. Wszystko, co wpisano, jest na stronie: spróbuj jeszcze raz.";
  const FAULT = "Serwer miał kłopot i niczego nie zapisał. To, co wpisano, jest na stronie: spróbuj jeszcze raz za chwilę.";
  const SIGNED_OUT = "Sesja się skończyła. Zaloguj się w nowej karcie, wróć tutaj i zrób to jeszcze raz: to, co wpisano, czeka.";
  const AGAIN = "Zalogowano od nowa. To, co wpisano, zostało na stronie: zrób to jeszcze raz.";
  const TOO_LATE = "Zapisano to, co było wpisane przy zatwierdzeniu. Tego, co dopisano potem, w sprawie już nie ma.";

  const LONGEST = 60_000;

  let sending = false;
  let typed = false;

  function region(page = document) {
    return page.querySelector("[data-renewed]");
  }

  function controls(within) {
    return [...within.querySelectorAll("input:not([type=hidden]), select, textarea")];
  }

  function ticks(control) {
    return control.type === "checkbox" || control.type === "radio";
  }

  function key(control) {
    if (control.id) return `#${control.id}`;
    return [control.name, ticks(control) || control.type === "submit" ? control.value : ""].join("=");
  }

  function state(control) {
    return ticks(control) ? control.checked : control.value;
  }

  function states(within) {
    return new Map(controls(within).map((control) => [key(control), state(control)]));
  }

  function tell(message, ...further) {
    const place = document.getElementById("utracona");
    place.replaceChildren(message, ...further);
    place.hidden = false;
  }

  function link(address, text, target) {
    const made = document.createElement("a");
    Object.assign(made, { href: address, textContent: text, target: target || "" });
    return made;
  }

  function found(within, element) {
    if (element.id) return within.querySelector(`#${CSS.escape(element.id)}`);
    const wanted = key(element);
    return [...within.querySelectorAll("input, button, select, textarea")].find((one) => key(one) === wanted);
  }

  // Controls that changed since they were sent, and those that the answer knows nothing of.
  function carry(old, fresh, sent, kept) {
    for (const control of controls(old)) {
      const same = controls(fresh).find((one) => key(one) === key(control));
      if (!same || (state(control) === sent.get(key(control)) && !kept(control))) continue;
      if (ticks(same)) same.checked = control.checked;
      else same.value = control.value;
    }
    for (const details of old.querySelectorAll("details[id][open]")) {
      const same = fresh.querySelector(`#${CSS.escape(details.id)}`);
      if (same) same.open = true;
    }
    for (const checked of old.querySelectorAll("[data-checked]")) {
      const same = found(fresh, checked);
      if (same && !same.closest(".faulty")) same.dataset.checked = "";
    }
    const shown = new Map([...old.querySelectorAll("img[data-sight]")].map((one) => [one.src.split("?")[0], one]));
    for (const picture of fresh.querySelectorAll("img[data-sight]")) {
      const same = shown.get(picture.src);
      if (!same?.complete) continue;
      same.alt = picture.alt;
      picture.replaceWith(same);
    }
  }

  function take(page, sent, kept = () => false) {
    const old = region();
    const fresh = document.adoptNode(region(page));
    const focused = document.activeElement;
    const selection = focused?.selectionStart === undefined ? null : [focused.selectionStart, focused.selectionEnd];
    carry(old, fresh, sent, kept);
    const same = old.contains(focused) ? found(fresh, focused) : null;
    const wanted = fresh.querySelector("[autofocus]");
    old.replaceWith(fresh);
    document.title = page.title;
    document.dispatchEvent(new CustomEvent("desk:renewed"));
    if (typed && same) {
      same.focus();
      if (selection && same.type === "text") same.setSelectionRange(...selection);
    } else if (wanted) {
      wanted.focus();
      wanted.select?.();
    } else if (same && !fresh.matches("[data-lease]")) {
      same.focus();
    } else {
      document.dispatchEvent(new CustomEvent("desk:begin"));
    }
  }

  // Another page came: somebody was quicker, or it cannot be done at all.
  function show(page) {
    document.title = page.title;
    document.body.replaceWith(document.adoptNode(page.body));
    (document.querySelector("[autofocus]") || document.querySelector("main")).focus();
  }

  async function parsed(answer) {
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  }

  async function follow(address, form, button, sent) {
    if (address.pathname !== window.location.pathname) {
      if (!typed) {
        window.location.assign(address);
        return true;
      }
      const onward = link(address, "Dalej");
      tell(TOO_LATE, " ", onward);
      for (const control of form.elements) control.disabled = true;
      onward.focus();
      return true;
    }
    const page = await parsed(await fetch(address));
    if (!region(page)) {
      window.location.assign(address);
      return true;
    }
    window.history.replaceState(null, "", address);
    const ofAnother = button?.name === "kandydat"; // what was accepted of one customer counts for no other
    take(page, sent, (control) => control.form !== form || ("kept" in control.dataset && !(ofAnother && control.name === "mimo")));
    return false;
  }

  async function send(form, button) {
    const body = new URLSearchParams(new FormData(form, button));
    const sent = states(region());
    typed = false;
    const signal = AbortSignal.timeout(LONGEST);
    const options = { method: "POST", body, signal, redirect: "manual", headers: { Accept: "text/html", "X-Requested-With": "fetch" } };
    const answer = await fetch(form.action, options);
    if (answer.type === "opaqueredirect") {
      tell(SIGNED_OUT, " ", link("/biuro/logowanie", "Zaloguj się", "_blank"));
      return false;
    }
    if (answer.status === 204) return follow(new URL(answer.headers.get("Location"), window.location), form, button, sent);
    if (answer.status >= 500) {
      tell(FAULT);
      return false;
    }
    if (answer.status === 403) {
      const again = await fetch(window.location.href);
      const page = await parsed(again);
      if (again.ok && region(page)) {
        take(page, sent, () => true);
        tell(AGAIN);
        return false;
      }
    }
    const page = await parsed(answer);
    if (region(page)) take(page, sent, (control) => control.form !== form);
    else if (page.querySelector("main")) show(page);
    else tell(FAULT); // none of our pages: of a proxy on the way
    return false;
  }

  document.addEventListener("input", () => { typed = true; });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || !form.closest("[data-renewed]")) return;
    event.preventDefault();
    if (sending) return;
    sending = true;
    send(form, event.submitter).catch(() => tell(AWAY)).then((left) => { sending = Boolean(left); });
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });
}
