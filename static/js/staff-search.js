// The search in the header: results while one writes, by keyboard. Without this file the form leads to a page of results.

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("[data-staff-search]");
  if (!form) return;
  const box = form.querySelector("input");
  const said = form.querySelector("[aria-live]");
  const list = document.querySelector("#staff-found");
  let waiting = 0;
  let asked = null;

  box.setAttribute("role", "combobox");
  box.setAttribute("aria-expanded", "false");
  box.setAttribute("aria-controls", list.id);
  box.setAttribute("aria-autocomplete", "list");

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");

  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) box.setAttribute("aria-activedescendant", option.id);
    else box.removeAttribute("aria-activedescendant");
  }

  function open(isOpen) {
    list.hidden = !isOpen;
    box.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) choose(null);
  }

  function forget() {
    clearTimeout(waiting);
    asked?.abort();
  }

  async function ask() {
    const text = box.value.trim();
    if (!text) return open(false);
    asked = new AbortController();
    try {
      const address = `${form.action}?part=1&q=${encodeURIComponent(text)}`;
      const answer = await fetch(address, { signal: asked.signal });
      if (!answer.ok || answer.redirected) return open(false);
      list.innerHTML = await answer.text();
      choose(null);
      said.textContent = list.firstElementChild.dataset.said;
      open(true);
    } catch (error) {
      if (error.name !== "AbortError") open(false);
    }
  }

  // What is being converted by an input method is not written yet.
  box.addEventListener("input", (event) => {
    if (event.isComposing) return;
    forget();
    waiting = setTimeout(ask, 200);
  });
  box.addEventListener("compositionend", () => {
    forget();
    waiting = setTimeout(ask, 200);
  });

  function step(by) {
    if (list.hidden) return ask();
    const every = options();
    if (!every.length) return;
    const at = every.indexOf(chosen());
    const next = at < 0 ? (by > 0 ? 0 : every.length - 1) : at + by;
    choose(every[next] ?? null);
  }

  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && chosen()) {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) window.open(chosen().href, "_blank", "noopener");
      else location.assign(chosen().href);
    } else if (event.key === "Escape") {
      event.preventDefault();
      forget();
      if (list.hidden) box.value = "";
      open(false);
    }
  });
  form.addEventListener("submit", (event) => {
    if (box.value.trim()) forget();
    else event.preventDefault();
  });

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      box.focus();
      box.select();
    }
  });
  document.addEventListener("click", (event) => {
    if (!form.parentElement.contains(event.target)) open(false);
  });
  box.addEventListener("blur", (event) => {
    if (!list.contains(event.relatedTarget)) open(false);
  });
});
