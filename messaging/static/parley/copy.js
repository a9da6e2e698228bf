/* Buttons that copy the text of an element: <button data-copy="ID" hidden>. Without this script they stay hidden. */
"use strict";

function select(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

async function copy(element) {
  select(element);
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    // Not over plain HTTP, or not allowed: the text stays selected for the hand to copy.
    return document.execCommand("copy");
  }
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  const element = document.getElementById(button.dataset.copy);
  const label = button.textContent;
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    button.textContent = (await copy(element)) ? "Copied" : "Press Ctrl+C";
    setTimeout(() => { button.textContent = label; }, 3000);
  });
}
