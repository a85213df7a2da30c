// Comfort only: every page works without this file.

const openMenus = () => document.querySelectorAll("details.menu[open]");

// A menu closes when the person clicks elsewhere or presses Escape.
document.addEventListener("click", (event) => {
  for (const menu of openMenus()) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A form that is on its way is not sent again by a second click.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "true";
});

// Coming back with the browser's back button makes the forms usable again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) delete form.dataset.sending;
});

// After a refused form the summary of errors is where the reader should be.
document.querySelector(".error-summary")?.focus();

// Passkeys are offered where the browser knows them; what goes wrong with one is said on the page.
if (window.PublicKeyCredential) {
  for (const offer of document.querySelectorAll("[data-needs-passkeys]")) offer.hidden = false;
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.querySelector("#passkey-problem").hidden = false;
});
