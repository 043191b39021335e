"use strict";
/* One file, two lives: the hand-out page's script, and the worker that keeps that page where there is no network.
   The browser keeps row ids, outcomes and keys; a name or a number is shown and forgotten. */

const SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const BATCH = 100, AGAIN = 15000, LOOK = 250, PATIENT = 4000, LONGEST = 20000, SURE = 5000, DAY = 86400e3;
const WORDS = { full: "领取", refused: "拒领", none: "缺席" };

function keepPage() {
  const PAGES = "handout-1";
  const fresh = async (request) => {
    const pages = await caches.open(PAGES), kept = await pages.match(request.url.split("#")[0]);
    const asked = fetch(request).then((answer) => {
      if (answer.ok) pages.put(request.url.split("#")[0], answer.clone());
      return answer;
    });
    if (!kept) return asked;
    return Promise.race([asked, new Promise((go) => setTimeout(go, PATIENT, kept.clone()))]).catch(() => kept);
  };
  self.addEventListener("install", () => self.skipWaiting());
  self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
  self.addEventListener("fetch", (event) => {
    const path = new URL(event.request.url).pathname.slice(new URL(self.registration.scope).pathname.length);
    if (event.request.method === "GET" && /^(\d+|static\/[\w.]+)$/.test(path)) event.respondWith(fresh(event.request));
  });
}

const checked = (text) => {
  const signs = [...text.toUpperCase()].filter((sign) => SIGNS.includes(sign)).join("");
  if (signs.length !== 9) return "";
  let total = 0;
  [...signs.slice(0, 8)].reverse().forEach((sign, place) => {
    const value = SIGNS.indexOf(sign);
    total += place % 2 ? value : Math.floor(value / 16) + ((2 * value) % 32);
  });
  return SIGNS[(32 - (total % 32)) % 32] === signs[8] ? `${signs.slice(0, 4)}-${signs.slice(4)}` : "";
};

const uuid = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};

function servePage() {
  const base = document.body.dataset.base, list = document.body.dataset.list, STORE = `handout-${list}`;
  const $ = (id) => document.getElementById(id);
  const names = new Map(); // row -> what is shown of it, in memory alone
  let event = null, looked = false, online = navigator.onLine, sending = false, stream = null, shown = [];
  let kept = { queue: [], tray: [], refused: [] };
  try { kept = { ...kept, ...JSON.parse(localStorage.getItem(STORE) || "{}") }; } catch { /* begin anew */ }
  kept.tray = kept.tray.map((one) => (one.row ? one : { row: one })); // an earlier page kept rows alone

  const keep = () => { localStorage.setItem(STORE, JSON.stringify(kept)); draw(); };
  const make = (tag, more, ...inside) => {
    const made = Object.assign(document.createElement(tag), more);
    made.append(...inside);
    return made;
  };
  const button = (text, act, kind = "plain") => make("button", { type: "button", className: kind, textContent: text, onclick: act });
  const say = (text, bad = false) => {
    $("say").hidden = !text;
    $("say").className = bad ? "say bad" : "say";
    $("say").textContent = text;
  };

  async function ask(path, body) {
    const more = body === undefined ? {} : {
      method: "POST", body: JSON.stringify(body),
      headers: { "content-type": "application/json", "x-form-token": event ? event.token : "" },
    };
    let answer;
    try {
      answer = await fetch(`${base}/${list}/${path}`, { cache: "no-store", signal: AbortSignal.timeout(LONGEST), ...more });
    } catch {
      setOnline(false);
      return { status: 0, said: {} };
    }
    setOnline(true);
    let said = {};
    try { said = await answer.json(); } catch { /* a proxy's own page */ }
    if (answer.status === 401 && path !== "enter") { event = null; draw(); }
    return { status: answer.status, said };
  }

  function setOnline(now) {
    online = now;
    $("net").textContent = now ? "已连接" : "没有网络";
    $("net").className = now ? "net on" : "net off";
  }

  async function look() {
    const { status, said } = await ask("state");
    looked = true;
    if (status === 200) { begin(said); draw(); await send(); return; }
    if (status === 401) { draw(); return; }
    if (status === 0 && known()) { event = known(); draw(); }
    say(status === 0 ? (event ? "没有网络：可以输入完整行号继续登记，有网络时自动送出。" : "没有网络，还不能登录；请连上网络后重试。") : said.detail || "暂时无法使用，请稍后再试。", true);
  }

  // kept too: what the page needs to go on without a network, nobody's data and no token
  const begin = (said) => {
    event = { ...said, skew: Date.parse(said.today) / DAY - here() };
    localStorage.setItem(`${STORE}-event`, JSON.stringify({ ...event, token: "" }));
  };
  const known = () => { try { return JSON.parse(localStorage.getItem(`${STORE}-event`)); } catch { return null; } };

  async function enter(code) {
    const { status, said } = await ask("enter", { code });
    if (status !== 200) { say(status ? said.detail || "没有登录，请稍后再试。" : "没有网络，还不能登录。", true); return; }
    say("");
    $("code").value = "";
    await look();
  }

  async function find(text) {
    const row = checked(text);
    if (!event || !text) return;
    const { status, said } = await ask("find", { asked: row || text });
    say("");
    if (status === 200) {
      shown = said.rows;
      shown.forEach((one) => names.set(one.row, one));
      if (!shown.length) say("名单上没有您负责的这个人。请核对行号或号码；不在名单上的人只能从预留中领取。", true);
      $("asked").value = "";
    } else if (status === 0 && row) {
      shown = [{ row, blind: true }];
      $("asked").value = "";
    } else {
      shown = [];
      say(status === 0 ? "没有网络时只能输入完整行号（如 K7QM-2F4HX）。" : said.detail || "没有查到，请稍后再试。", true);
    }
    draw();
  }

  // the office's day, by the phone's clock and how far that was from the office's when it last answered
  const here = () => Math.floor((Date.now() + 8 * 3600e3) / DAY);
  const today = () => new Date((here() + event.skew) * DAY).toISOString().slice(0, 10);
  // an entry is of the sign-in's place and goes out under that alone: another head's phone would be told that it is nobody's row
  // whose it is says the holder, a station of one county or an officer, who may hand out in several; `who` is what people read.
  // Marks of an earlier page have no holder
  const place = () => ({ county: event.county, holder: event.holder, who: event.who });
  const isOurs = (one) => {
    if (!event) return true;
    if (one.county && one.county !== event.county) return false;
    return one.holder && event.holder ? one.holder === event.holder : !one.who || one.who === event.who;
  };
  const add = (entry) => kept.queue.push({ key: uuid(), ...place(), ...entry });
  const ours = () => kept.queue.filter(isOurs);
  const tray = () => kept.tray.filter(isOurs);
  function mark(row, outcome) {
    if (outcome === "full") kept.tray.push({ row, ...place() });
    else add({ row, outcome, day: today() });
    shown = shown.filter((one) => one.row !== row);
    keep();
    if (outcome !== "full") send();
  }

  function sign() {
    const signer = document.querySelector("#signers input:checked"), signing = uuid();
    if (!signer) { say("请先选择谁来签收。", true); return; }
    const day = today(), rows = tray();
    rows.forEach(({ row }) => add({ row, outcome: "full", day, signing, signer: signer.value }));
    kept.tray = kept.tray.filter((one) => !isOurs(one));
    say(`已签收 ${rows.length} 人。`);
    keep();
    send();
  }

  async function send() {
    if (sending || !event || !ours().length) return;
    sending = true;
    try {
      if (!event.token) {
        const { status, said } = await ask("state");
        if (status !== 200) return;
        begin(said);
      }
      while (event && ours().length) {
        const batch = ours().slice(0, BATCH);
        const { status, said } = await ask("entries", { entries: batch.map(({ who, holder, ...one }) => one) });
        if (status !== 200) {
          if (status) say(said.detail || "没有送出，稍后自动重试。", true);
          break;
        }
        settle(batch, said);
      }
    } finally {
      sending = false;
      draw();
    }
  }

  function settle(batch, said) {
    const told = new Map(said.results.map((one) => [one.key, one]));
    batch.filter((one) => told.get(one.key) && told.get(one.key).text).forEach((one) => {
      const { counted, text } = told.get(one.key);
      kept.refused.push({ row: one.row || "", outcome: one.outcome || "full", text, counted });
    });
    kept.queue = kept.queue.filter((one) => !told.has(one.key));
    begin(said.state);
    keep();
  }

  function draw() {
    $("enter").hidden = Boolean(event) || !looked;
    $("work").hidden = !event;
    $("leave").hidden = !event || !online;
    $("who").textContent = event ? `${event.who}（${event.place}），${event.ends} 自动结束` : looked ? "未登录" : "";
    $("what").textContent = event ? `${event.name}：${event.item || "名单"}，每人 ${event.each} 份` : `名单 ${list}`;
    drawQueue();
    if (event) { drawCounts(); drawFound(); drawTray(); drawReserve(); }
  }

  function drawCounts() {
    const said = event.counts;
    const shares = [["名单上", said.people], ["已领", said.handed], ["拒领、缺席", said.refused + said.absent], ["未登记", said.open]];
    $("counts").replaceChildren(...shares.map(([word, count]) => make("li", {}, make("b", { textContent: count }), word)));
  }

  function drawFound() {
    $("found").replaceChildren(...shown.map((one) => {
      const waits = kept.tray.some((other) => other.row === one.row) || kept.queue.some((sent) => sent.row === one.row);
      const done = one.outcome === "full" || one.outcome === "part";
      const card = make("article", { className: "card person" });
      if (one.blind) card.append(make("p", {}, "没有网络，不能显示姓名：请对照纸质表核对本人。"));
      else if (one.gone) card.append(make("p", { className: "stands" }, "这一行的信息已停止使用，请联系专员，不要发放。"));
      else card.append(make("p", {}, make("b", { textContent: one.name }), ` 手机 ${one.mobile || "—"}`), make("p", {}, `${one.partner} · ${one.station}`));
      card.append(make("p", {}, "行号 ", make("span", { className: "id", textContent: one.row }), `，可领 ${event.each} 份${event.item ? `：${event.item}` : ""}`));
      if (one.stands) card.append(make("p", { className: "stands" }, `已登记：${one.stands}`));
      if (waits) card.append(make("p", { className: "stands" }, "已在本机登记，等待签收或送出。"));
      else if (!one.gone && !done) {
        card.append(make("div", { className: "acts" },
          button("领取", () => mark(one.row, "full"), ""), button("拒领", () => mark(one.row, "refused")), button("缺席", () => mark(one.row, "none"))));
      }
      return card;
    }));
  }

  const label = (row) => {
    const one = names.get(row);
    return make("span", {}, one && one.name ? `${one.name} ` : "", make("span", { className: "id", textContent: row || "预留 1 份" }));
  };

  function drawTray() {
    const waits = tray();
    $("tray").hidden = !waits.length;
    $("how-many").textContent = waits.length;
    $("sign").textContent = `签收 ${waits.length} 人`;
    $("rows").replaceChildren(...waits.map((one) => make("li", {}, label(one.row),
      button("取消", () => { kept.tray = kept.tray.filter((other) => other !== one); keep(); }))));
    if (!$("signers").children.length) {
      $("signers").append(...Object.entries(event.signers).map(([value, word]) =>
        make("label", {}, make("input", { type: "radio", name: "signer", value }), word)));
    }
  }

  function drawReserve() {
    const waiting = kept.queue.filter((one) => !one.row).length, left = event.reserve - event.walked - waiting;
    $("reserve").hidden = !event.reserve;
    $("left").textContent = `预留 ${event.reserve} 份，已发 ${event.walked + waiting} 份，还有 ${Math.max(left, 0)} 份。`;
    $("walk-in").disabled = left <= 0;
  }

  function drawQueue() {
    const waits = ours(), others = [...kept.queue, ...kept.tray].filter((one) => !isOurs(one)), places = new Map();
    others.forEach((one) => {
      const whose = `${one.county} ${one.holder || one.who}`, { count } = places.get(whose) || { count: 0 };
      const same = one.county === event.county ? "登记时那个同名站点" : "登记时那个区县";
      places.set(whose, { who: one.who || "别的区县", by: one.who === event.who ? same : one.who || "原来区县", count: count + 1 });
    });
    $("others").hidden = !others.length;
    $("theirs").replaceChildren(...[...places.values()].map(({ who, by, count }) =>
      make("li", {}, `${who}：${count} 条，用${by}的登录码登录后送出`)));
    $("waiting").hidden = !waits.length;
    $("unsent").textContent = waits.length;
    $("queue").replaceChildren(...waits.map((one) => make("li", {}, make("span", {}, label(one.row), `（${WORDS[one.outcome] || "现场领取"}）`),
      button("撤销", () => { if (!sending) { kept.queue = kept.queue.filter((other) => other !== one); keep(); } }))));
    $("refused").hidden = !kept.refused.length;
    const heads = [["没有计入", (one) => !one.counted], ["请注意", (one) => one.counted]];
    $("not-so").textContent = heads.filter(([, has]) => kept.refused.some(has)).map(([word]) => word).join("、");
    $("faults").replaceChildren(...kept.refused.map((one) => make("li", {},
      make("span", {}, label(one.row), `（${one.row ? WORDS[one.outcome] : "现场领取"}）：${one.text}`),
      button("知道了", () => { kept.refused = kept.refused.filter((other) => other !== one); keep(); }))));
  }

  let sure = 0;
  function walkIn() { // nothing is taken back to the reserve, so a slip of the thumb does not count
    if (Date.now() > sure) {
      sure = Date.now() + SURE;
      $("walk-in").textContent = "再按一次，确认发出 1 份";
      setTimeout(() => { $("walk-in").textContent = "发出 1 份"; }, SURE);
      return;
    }
    sure = 0;
    $("walk-in").textContent = "发出 1 份";
    add({ row: "" });
    keep();
    send();
  }

  async function scan() {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      say("没有摄像头，或没有允许使用；请手工输入行号。", true);
      return;
    }
    $("camera").hidden = false;
    $("video").srcObject = stream;
    await $("video").play();
    const detector = new BarcodeDetector({ formats: ["qr_code", "code_128"] });
    while (stream) {
      const codes = await detector.detect($("video")).catch(() => []);
      const row = codes.map((code) => checked(code.rawValue.replace(/^ROW=/, ""))).find(Boolean);
      if (row) { stop(); await find(row); return; }
      if (codes.some((code) => code.rawValue.startsWith("LIST="))) say("这是整张表的二维码，请扫本人那一行的码，或输入行号。", true);
      await new Promise((go) => setTimeout(go, LOOK));
    }
  }

  function stop() {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    $("camera").hidden = true;
  }

  async function leave() {
    const { status, said } = await ask("leave", {});
    if (status !== 200) { say(said.detail || "没有退出，请稍后再试。", true); return; }
    event = null;
    shown = [];
    names.clear();
    localStorage.removeItem(`${STORE}-event`);
    say(kept.queue.length ? "已退出。尚未送出的登记仍在本机，用本站点新的登录码登录后送出。" : "已退出。");
    draw();
  }

  const on = (id, what, act) => $(id).addEventListener(what, (happened) => { happened.preventDefault(); act(); });
  on("enter", "submit", () => enter($("code").value.trim()));
  on("find", "submit", () => find($("asked").value.trim()));
  on("scan", "click", scan);
  on("stop", "click", stop);
  on("sign", "click", sign);
  on("walk-in", "click", walkIn);
  on("leave", "click", leave);
  window.addEventListener("online", () => (event && event.token ? send() : look()));
  window.addEventListener("offline", () => setOnline(false));
  setInterval(() => { if (event && ours().length) send(); }, AGAIN);
  window.addEventListener("storage", (told) => {  // another tab of this list has written: what it queued is ours as well
    if (told.key === STORE && told.newValue && !sending) { kept = { ...kept, ...JSON.parse(told.newValue) }; draw(); }
  });
  if ("BarcodeDetector" in window && navigator.mediaDevices) $("scan").hidden = false;
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register(`${base}/static/handout.js`, { scope: `${base}/` }).catch(() => {});
  }
  setOnline(online);
  draw();
  const code = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  look().then(() => { if (code && !event) return enter(decodeURIComponent(code)); });
}

if (typeof ServiceWorkerGlobalScope !== "undefined" && self instanceof ServiceWorkerGlobalScope) keepPage();
else servePage();
