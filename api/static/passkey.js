// A passkey is made here, or lets somebody in. Without this script, and in browsers that know no passkeys, the form stays
// hidden, and the password does.
"use strict";
(() => {
  const form = document.getElementById("klucz");
  const known = window.PublicKeyCredential;
  if (!form || !known?.parseRequestOptionsFromJSON || !known.parseCreationOptionsFromJSON) return;
  const told = form.querySelector("[role=alert]");
  const button = form.querySelector("[type=submit]");

  async function answered() {
    if (form.dataset.offer) {
      const publicKey = known.parseCreationOptionsFromJSON(JSON.parse(form.dataset.offer));
      return navigator.credentials.create({ publicKey });
    }
    const asked = await fetch(form.dataset.question, { method: "POST" });
    if (!asked.ok) throw new Error(asked.status);
    const publicKey = known.parseRequestOptionsFromJSON(await asked.json());
    return navigator.credentials.get({ publicKey });
  }

  function reason(error) {
    if (error.name === "InvalidStateError") return "Na tym urządzeniu jest już klucz do tego konta.";
    if (error.name === "NotAllowedError") return "Nie użyto klucza. Spróbuj jeszcze raz albo zaloguj się hasłem.";
    return "Klucz teraz nie działa. Spróbuj za kilka minut albo zaloguj się hasłem.";
  }

  document.getElementById("bez-klucza")?.remove();
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    told.textContent = "";
    button.disabled = true;
    try {
      form.elements.odpowiedz.value = JSON.stringify(await answered());
      form.submit();
    } catch (error) {
      told.textContent = reason(error);
      button.disabled = false;
    }
  });
})();
