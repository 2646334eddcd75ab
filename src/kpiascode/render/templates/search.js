
// Hides the entries that lack a word of the query. The query is the page's address, so it can be sent to somebody.
(() => {
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const field = document.getElementById("query");
  const count = document.getElementById("found");
  const entries = [...document.querySelectorAll(".entries > li")].map((item) => [item, plain(item.textContent)]);
  const letters = [...document.querySelectorAll(".letters a")].map((link) =>
    [link, document.getElementById(decodeURIComponent(link.hash.slice(1))).parentElement]);
  const MARK = "#q=";

  function filter() {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    let number = 0;
    for (const [item, text] of entries) {
      item.hidden = !words.every((word) => text.includes(word));
      number += !item.hidden;
    }
    for (const [link, section] of letters) {
      link.hidden = section.hidden = !section.querySelector(".entries > li:not([hidden])");
    }
    count.textContent = words.length ? `${number} of ${entries.length} found` : "";
  }

  function read() {
    if (location.hash.startsWith(MARK)) {
      try {
        field.value = decodeURIComponent(location.hash.slice(MARK.length));
      } catch {
        field.value = "";
      }
    }
    filter();
  }

  document.getElementById("find").hidden = false;
  field.addEventListener("input", () => {
    filter();
    history.replaceState(null, "", field.value ? MARK + encodeURIComponent(field.value) : location.pathname);
  });
  addEventListener("hashchange", read);
  read();
})();
