// What must happen in the browser at once: keys, cell drawing, number words. No third-party code.
(() => {
  const LETTER_WAIT_MS = 1500;
  const NARROW_PIXELS = 700;
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const words = (value, places) =>
    Number(value).toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });

  const fondaco = {
    number(value) {
      if (value === null || value === undefined || value === "-" || Number.isNaN(Number(value))) return "–";
      const size = Math.abs(value);
      return words(value, size >= 1e6 ? 0 : size >= 1 || size === 0 ? 2 : 4);
    },
    short(value) {
      const size = Math.abs(value);
      if (size >= 1e9) return `${+(value / 1e9).toFixed(3)}B`;
      if (size >= 1e7) return `${+(value / 1e6).toFixed(3)}M`;
      const most = size >= 1e4 ? 1 : size >= 1 ? 2 : 4;
      return Number(value).toLocaleString("en-US", { maximumFractionDigits: most });
    },
    // What the crosshair says: each series with its value; of an event its words, as plain text.
    tip(found) {
      const box = make("div", "tip");
      box.append(make("b", "", found[0].axisValueLabel));
      for (const one of found) {
        const row = make("div", "");
        const dot = make("i", "");
        dot.style.background = one.seriesType === "scatter" ? one.borderColor : one.color;
        row.append(dot, make("span", "", one.seriesName));
        if (one.seriesType === "scatter") row.append(make("span", "told", one.data.value[2]));
        else if (Array.isArray(one.data)) {
          const [open, close, low, high] = one.data.slice(-4).map((value) => fondaco.number(value));
          row.append(make("span", "num", `O ${open}  H ${high}  L ${low}  C ${close}`));
        } else row.append(make("span", "num", fondaco.number(one.data)));
        box.append(row);
      }
      return box;
    },
    // Columns that have no room go, the least important first; a narrow screen keeps two. The row's
    // sheet shows them all.
    fit(p) {
      if (!p.clientWidth || p.context.keep) return;
      const columns = p.api.getColumns().filter((column) => column.getColDef().context).sort(
        (one, other) => one.getColDef().context.rank - other.getColDef().context.rank);
      let room = p.clientWidth;
      const most = window.innerWidth < NARROW_PIXELS ? 2 : columns.length;
      const fits = columns.map((column, at) => {
        room -= column.getColDef().minWidth;
        return at < 2 || (at < most && room >= 0);
      });
      if (columns.every((column, at) => column.isVisible() === fits[at])) return;
      p.api.applyColumnState({ state: columns.map((c, at) => ({ colId: c.getColId(), hide: !fits[at] })) });
    },
    chip(p) {
      const at = p.colDef.field.slice(1);
      const chip = make("span", `chip ${p.data["t" + at]}`);
      const mark = p.data["m" + at];
      if (mark) chip.append(Object.assign(make("span", "mark", mark), { ariaHidden: "true" }));
      chip.append(p.data["s" + at]);
      return chip;
    },
    ident(p) {
      const at = p.colDef.field.slice(1);
      const text = p.data["s" + at];
      if (text.startsWith("F-")) return fondaco.fact(text);
      const place = p.data["p" + at];
      if (!place) return make("span", "ident", text);
      return Object.assign(make("a", "ident", text), { href: place });
    },
    symbol(p) {
      const text = p.data["s" + p.colDef.field.slice(1)];
      return text === "–" ? text
        : Object.assign(make("a", "symbol", text), { href: "/symbol/" + encodeURIComponent(text) });
    },
    fact(id) {
      const button = make("button", "fact ident", id);
      button.type = "button";
      button.dataset.fact = id;
      return button;
    },
    open(p) {
      if (p.event?.target?.closest?.("a, button")) return;
      emitEvent("fondaco_row", { list: p.context.list, row: p.data.i });
    },
    enter(p) {
      if (p.event.key !== "Enter") return;
      emitEvent("fondaco_row", { list: p.context.list, row: p.data.i });
    },
    look(name, value) {
      document.cookie = `fondaco_${name}=${value}; Path=/; Max-Age=31536000; SameSite=Strict`;
      location.reload();
    },
    // The picture carries its title and the data's label, wherever it goes.
    async picture(id, name, title, ground, ink) {
      const image = new Image();
      image.src = getElement(id).chart.getDataURL({ pixelRatio: 2, backgroundColor: ground });
      await image.decode();
      const canvas = Object.assign(make("canvas"), { width: image.width, height: image.height + 56 });
      const pen = canvas.getContext("2d");
      pen.fillStyle = ground;
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.fillStyle = ink;
      pen.font = `600 26px ${getComputedStyle(document.body).fontFamily}`;
      pen.fillText(title, 16, 38);
      pen.drawImage(image, 0, 56);
      Object.assign(make("a"), { href: canvas.toDataURL("image/png"), download: name }).click();
    },
  };
  window.fondaco = fondaco;

  const typing = (target) =>
    target.closest?.("textarea, select, [contenteditable=true], input:not([type=checkbox]):not([type=radio])");
  const dialogOpen = () => document.querySelector(".q-dialog__inner");
  const gridOf = (element) => element && getElement(Number(element.id.slice(1)))?.api;

  function currentList() {
    const grids = [...document.querySelectorAll(".main .nicegui-aggrid")].filter((g) => g.offsetParent);
    return gridOf(document.activeElement?.closest?.(".nicegui-aggrid"))
      || gridOf(grids.find((g) => g.closest("[data-main]")) || grids[0]);
  }

  // A list that is drawn again has lost its focus: its title and the row are kept here.
  let marked = { title: "", row: -1 };
  const titleOf = (api) => api.getGridOption("context").title;

  function move(step) {
    const api = currentList();
    const count = api?.getDisplayedRowCount() || 0;
    if (!count) return;
    const cell = api.getFocusedCell();
    const before = cell ? cell.rowIndex : titleOf(api) === marked.title ? marked.row : -1;
    const row = before < 0 ? 0 : Math.min(count - 1, Math.max(0, before + step));
    api.ensureIndexVisible(row);
    api.setFocusedCell(row, cell?.column || api.getAllDisplayedColumns()[0]);
    // Where several can be ticked, moving ticks none: Space does.
    if (api.getGridOption("rowSelection").mode === "singleRow") {
      api.getDisplayedRowAtIndex(row).setSelected(true);
    }
    marked = { title: titleOf(api), row };
  }

  function openMarked() {
    const api = currentList();
    if (!api || titleOf(api) !== marked.title) return;
    const node = api.getDisplayedRowAtIndex(marked.row);
    if (node) emitEvent("fondaco_row", { list: api.getGridOption("context").list, row: node.data.i });
  }

  let waiting = null;
  const stopWaiting = () => {
    clearTimeout(waiting);
    waiting = null;
    document.body.classList.remove("awaiting-letter");
  };

  function onKey(event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      emitEvent("fondaco_palette", {});
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || dialogOpen()) return;
    if (event.key === "Enter" && document.activeElement === document.body) {
      openMarked();
      return;
    }
    if (waiting) {
      stopWaiting();
      const link = document.querySelector(`[data-letter="${CSS.escape(event.key.toLowerCase())}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    const actions = {
      g: () => {
        waiting = setTimeout(stopWaiting, LETTER_WAIT_MS);
        document.body.classList.add("awaiting-letter");
      },
      "/": () => emitEvent("fondaco_palette", {}),
      "?": () => emitEvent("fondaco_help", {}),
      j: () => move(1),
      k: () => move(-1),
      r: () => emitEvent("fondaco_refresh", {}),
      Escape: () => emitEvent("fondaco_escape", {}),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    const fact = event.target.closest?.("[data-fact]");
    if (fact) emitEvent("fondaco_fact", { fact: fact.dataset.fact });
  });
})();
