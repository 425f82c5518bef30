"use strict";
// Language, theme, and the list of answers with its filters. Model text only ever becomes text nodes.
(() => {
  const root = document.documentElement;
  const BATCH = 50, KEPT = 16, OPEN = 8, AT_ONCE = 8;

  const remembered = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const remember = (key, value) => { try { localStorage.setItem(key, value); } catch { /* a page of no origin */ } };

  const systemDark = matchMedia("(prefers-color-scheme: dark)");
  const theme = () => remembered("paperqa-theme") || (systemDark.matches ? "dark" : "light");
  const setTheme = () => { root.dataset.theme = theme(); };
  setTheme();
  systemDark.addEventListener("change", setTheme);

  const language = () => remembered("paperqa-lang") || (/^zh/i.test(navigator.language) ? "zh" : "en");
  const setLanguage = () => {
    const lang = language();
    root.dataset.ui = lang;
    root.lang = lang === "zh" ? "zh-Hans" : "en";
    for (const element of document.querySelectorAll("[data-en]")) element.textContent = element.dataset[lang];
  };
  setLanguage();
  root.classList.add("js");

  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    element.append(...children.flat());
    return element;
  };
  const number = (n) => n.toLocaleString("en-US");
  const both = ([en, zh], n) => [
    make("span", { class: "en" }, n === undefined ? en : en.replace("{n}", number(n))),
    make("span", { class: "zh" }, n === undefined ? zh : zh.replace("{n}", number(n))),
  ];

  const start = () => {
    setLanguage();
    const press = (id, action) => document.getElementById(id).addEventListener("click", action);
    press("language", () => { remember("paperqa-lang", language() === "en" ? "zh" : "en"); setLanguage(); });
    press("theme", () => { remember("paperqa-theme", theme() === "dark" ? "light" : "dark"); setTheme(); });
    const data = document.getElementById("index");
    if (data && "DecompressionStream" in window) list(JSON.parse(data.textContent));
  };

  const list = (index) => {
    const { verdicts, words } = index;
    const blocks = [...document.querySelectorAll("script.block")];
    const place = document.getElementById("items"), status = document.getElementById("status");
    const more = document.getElementById("more"), search = document.getElementById("search");
    const sort = document.getElementById("sort");
    const all = index.numbers.map((_, place) => place);
    const byNumber = [...all].sort((a, b) => index.numbers[a] - index.numbers[b]);
    let hits = all, shown = place.childElementCount, turn = 0;

    // ---- blocks
    const unpacked = new Map(); // the latest few
    const inflate = async (packed) => {
      const bytes = new Uint8Array(packed.length); // Uint8Array.from and Response are several times slower
      for (let at = 0; at < packed.length; at++) bytes[at] = packed.charCodeAt(at);
      const { readable, writable } = new DecompressionStream("deflate");
      const writer = writable.getWriter(), reader = readable.getReader(), decoder = new TextDecoder();
      writer.write(bytes);
      writer.close();
      let text = "";
      for (let next = await reader.read(); !next.done; next = await reader.read())
        text += decoder.decode(next.value, { stream: true });
      return text + decoder.decode();
    };
    const unpack = (at) => {
      if (!unpacked.has(at)) {
        unpacked.set(at, inflate(atob(blocks[at].textContent)).then(JSON.parse));
        if (unpacked.size > KEPT) unpacked.delete(unpacked.keys().next().value);
      }
      return unpacked.get(at);
    };
    const itemOf = async (place) => (await unpack(Math.floor(place / index.block)))[place % index.block];

    // ---- drawing; the same as `item` in macros.html.j2
    const chips = (side) => make("span", { class: "chips" },
      side.counts.map(([label, count]) => make("span", { class: "chip v-" + label },
        make("span", { "aria-hidden": "true" }, verdicts[label].mark), ` ${count}`,
        make("span", { class: "sr" }, " ", ...both(verdicts[label].name)))),
      side.abstained ? make("span", { class: "chip" }, ...both(words.declined)) : [],
      side.counts.length || side.abstained ? [] : make("span", { class: "chip" }, ...both(words.no_citations)));
    const part = ([text, n, label]) => n === null ? text : [
      make("mark", { class: "v-" + label }, text), make("wbr"),
      make("span", { class: "tag v-" + label },
        make("span", { "aria-hidden": "true" }, verdicts[label].mark), `${n} `, ...both(verdicts[label].name)),
    ];
    const reason = ([n, label, why, id]) => make("li", { value: n },
      make("span", { class: "verdict v-" + label }, ...both(verdicts[label].name)), " ",
      make("span", { dir: "auto" }, ...both(why)),
      id === null ? [] : [" ", make("a", { href: "https://arxiv.org/abs/" + id, rel: "noreferrer noopener" },
        label === "altered_title" ? both(words.nearest) : [], "arXiv:" + id)]);
    const sideOf = (side, name) => make("section", { class: "side" },
      name === undefined ? [] : make("h3", {}, name, " ", side ? chips(side) : []),
      side === null ? make("p", { class: "cut" }, ...both(words.absent)) : [
        make("div", { class: "answer", lang: side.lang, dir: "auto" },
          side.parts.length ? side.parts.flatMap(part) : make("em", { class: "empty" }, ...both(words.empty))),
        side.cut ? make("p", { class: "cut" }, ...both(words.cut, side.cut)) : [],
        side.citations.length ? make("ol", { class: "reasons" }, side.citations.map(reason)) : [],
        side.more ? make("p", { class: "cut" }, ...both(words.more, side.more)) : [],
      ].flat());
    const draw = (item, open) => make("details", open ? { class: "item", open: "" } : { class: "item" },
      make("summary", {},
        make("span", { class: "row" }, `${item.number}`),
        make("span", { class: "question", lang: item.lang, dir: "auto" }, item.question),
        item.names.length ? [] : chips(item.sides[0]),
        item.facts.length ? make("span", { class: "facts" }, item.facts.map((fact) => make("span", {}, ...both(fact)))) : []),
      make("div", { class: "sides" },
        item.sides.map((side, at) => sideOf(side, item.names[at]))));

    // ---- choosing
    const texts = new Map(); // block → what is searched, for each item
    const textOf = (item) => [item.question, ...item.sides.filter(Boolean).flatMap((side) =>
      [side.parts.map(([text]) => text).join(""), ...side.citations.flatMap((citation) => citation[2])])].join("\n").toLowerCase();
    const readTexts = async (mine) => {
      for (let at = texts.size; at < blocks.length && mine === turn; at = texts.size) {
        status.replaceChildren(...both(words.reading, Math.round(100 * at / blocks.length)));
        const few = [...Array(Math.min(AT_ONCE, blocks.length - at)).keys()].map((n) => at + n);
        const read = await Promise.all(few.map(unpack));
        few.forEach((block, n) => texts.set(block, read[n].map(textOf)));
      }
    };
    const selects = [...document.querySelectorAll("select[data-facet]")];
    for (const select of selects) {
      const { values, several, column } = index.facets[select.dataset.facet];
      const has = (value, at) => several ? value >> at & 1 : value === at;
      const options = values.map(([en, zh], at) => ({ en, zh, at, count: column.filter((value) => has(value, at)).length }))
        .filter(({ count }) => count);
      if (!several) options.sort((a, b) => b.count - a.count);
      for (const { en, zh, count, at } of options) {
        const tail = ` (${number(count)})`;
        select.append(make("option", { value: at, "data-en": en + tail, "data-zh": zh + tail }));
      }
    }
    setLanguage();
    const choose = async () => {
      const mine = ++turn;
      const chosen = selects.filter((select) => select.value !== "")
        .map((select) => [index.facets[select.dataset.facet], Number(select.value)]);
      let found = (sort.value === "file" ? byNumber : all).filter((place) => chosen.every(([{ column, several }, at]) =>
        several ? column[place] >> at & 1 : column[place] === at));
      const terms = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      if (terms.length) {
        await readTexts(mine);
        if (mine !== turn) return;
        found = found.filter((place) => {
          const text = texts.get(Math.floor(place / index.block))[place % index.block];
          return terms.every((term) => text.includes(term));
        });
      }
      hits = found;
      await show(mine, BATCH, true);
    };
    const say = () => {
      status.replaceChildren(...both(words.status.map((text) => text.replace("{shown}", number(Math.min(shown, hits.length)))
        .replace("{hits}", number(hits.length)).replace("{all}", number(all.length)))));
      more.hidden = shown >= hits.length;
    };
    const show = async (mine, count, anew) => {
      const from = anew ? 0 : shown;
      const items = await Promise.all(hits.slice(from, from + count).map(itemOf));
      if (mine !== turn) return;
      const drawn = items.map((item, at) => draw(item, from + at < OPEN));
      if (anew) place.replaceChildren(...drawn); else place.append(...drawn);
      shown = from + drawn.length;
      say();
    };
    let waiting;
    const later = () => { clearTimeout(waiting); waiting = setTimeout(choose, 200); };
    search.addEventListener("input", later);
    for (const select of [...selects, sort]) select.addEventListener("change", choose);
    more.addEventListener("click", () => show(++turn, BATCH, false));
    document.getElementById("reset").addEventListener("click", () => {
      search.value = ""; for (const select of selects) select.value = ""; sort.value = "worst"; choose();
    });
    say();
    root.classList.add("ready");
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
