"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const text = at("f-text"), grade = at("f-grade"), outcome = at("f-outcome"), shown = at("f-shown");
  if (text) {
    const rows = Array.from(at("f-rows").rows, (row) => [row, row.textContent.toLowerCase()]);
    const filter = () => {
      const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const [row, content] of rows) {
        const fits = words.every((word) => content.includes(word))
          && (!grade.value || row.dataset.grade === grade.value)
          && (!outcome.value || row.dataset.outcome === outcome.value);
        row.hidden = !fits;
        count += fits;
      }
      shown.textContent = `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")}`;
    };
    for (const control of [text, grade, outcome]) control.addEventListener("input", filter);
  }
  // Paper has nothing to click on.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = Array.from(document.querySelectorAll("details:not([open])"));
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of closed) one.open = false; });
})();
