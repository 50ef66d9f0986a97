// Draws every [data-chart] with ECharts, which is fetched only where there is a chart.

const source = document.getElementById("charts-module").dataset.echarts;
let library;

function echarts() {
  library ||= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.onload = () => resolve(globalThis.echarts);
    script.onerror = () => reject(new Error("ECharts was not loaded"));
    document.head.append(script);
  });
  return library;
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    ink: read("--ink"), ink2: read("--ink-2"), ink3: read("--ink-3"), line: read("--line"),
    line2: read("--line-2"), accent: read("--accent"), surface: read("--surface"), band: read("--band"),
    pass: read("--pass"), near: read("--near-solid"), fail: read("--fail"),
  };
}

// On paper a small chart gets the width of a card of three, whatever the window was; the sheet scales
// it. One that stands alone keeps its proportions.
const PAPER = { width: 206, height: 100 };
const paper = matchMedia("print");

async function draw(root = document) {
  const areas = [...root.querySelectorAll("[data-chart]")].filter((area) => area.clientWidth);
  if (!areas.length) return;
  let drawing;
  try {
    drawing = await echarts();
  } catch {
    // The same numbers stand in a table or beside the chart: say so instead of leaving a hole.
    for (const area of areas) area.textContent = "图没有画出来，数字以表格为准。";
    return;
  }
  const palette = colours();
  const font = getComputedStyle(document.body).fontFamily;
  for (const area of areas) {
    const data = JSON.parse(area.dataset.chart);
    const chart = drawing.getInstanceByDom(area) || drawing.init(area, null, { renderer: "svg" });
    const { width, height } = paper.matches && !area.closest(".chart-big")
      ? PAPER : { width: area.clientWidth, height: area.clientHeight };
    chart.resize({ width, height });
    const option = globalThis[area.dataset.option || "rateTrendOption"]({ ...data, colors: palette, font, width, height });
    chart.setOption(option, true);
    const drawn = area.querySelector("svg");
    drawn.setAttribute("viewBox", `0 0 ${width} ${height}`);
    drawn.setAttribute("preserveAspectRatio", "xMinYMid meet");
  }
}

draw();
let waiting;
addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(draw, 120);
});
document.addEventListener("toggle", (event) => event.target.open && draw(event.target), true);
document.addEventListener("htmx:afterSettle", (event) => draw(event.target));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw());
paper.addEventListener("change", () => draw());
