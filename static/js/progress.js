/* Pieces of a page that ask for themselves again, every two seconds, until they say that they have ended. */
"use strict";

(() => {
  const EVERY = 2000;

  const refresh = async (piece) => {
    try {
      const answer = await fetch(piece.dataset.poll, { credentials: "same-origin" });
      if (answer.ok) {
        piece.innerHTML = await answer.text();
      }
    } catch {
      // The server can't be reached just now: try again.
    }
    if (piece.querySelector("[data-poll-end]")) {
      window.location.reload();
    } else {
      setTimeout(refresh, EVERY, piece);
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    for (const piece of document.querySelectorAll("[data-poll]")) {
      setTimeout(refresh, EVERY, piece);
    }
  });
})();
