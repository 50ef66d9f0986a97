// A grid of figures, places by indicators, for a picture: each cell its number, ground and mark by the
// verdict. A pure function in a classic script, like the other drawings. The page shows the same as a
// table with links; this is what is taken out of it.
globalThis.heatGridOption = function heatGridOption(data) {
  "use strict";
  const colours = data.colors;
  const grounds = { pass: colours.passBg, near: colours.nearBg, wait: colours.nearBg, fail: colours.failBg, lags: colours.nearBg };
  const inks = { pass: colours.pass, near: colours.near, wait: colours.near, fail: colours.fail, lags: colours.near };
  const cells = [];
  data.rows.forEach((row, y) => row.cells.forEach((cell, x) => cells.push([x, y, cell])));

  return {
    animation: false,
    textStyle: { fontFamily: data.font || "sans-serif" },
    aria: { enabled: true, label: { description: data.description || "" } },
    grid: { left: 148, right: 8, top: 52, bottom: 8 },
    xAxis: {
      type: "category", position: "top", data: data.columns, axisTick: { show: false },
      axisLine: { lineStyle: { color: colours.line2 } },
      axisLabel: { color: colours.ink2, fontSize: 12, interval: 0, width: 60, overflow: "break", lineHeight: 16 },
    },
    yAxis: {
      type: "category", inverse: true, data: data.rows.map((row) => row.label), axisTick: { show: false },
      axisLine: { lineStyle: { color: colours.line2 } },
      axisLabel: { color: colours.ink2, fontSize: 12, interval: 0, width: 136, overflow: "truncate" },
    },
    series: [{
      type: "custom", encode: { x: 0, y: 1 }, data: cells.map(([x, y]) => [x, y]),
      renderItem(params, api) {
        const cell = cells[params.dataIndex][2];
        const [middle, centre] = api.coord([api.value(0), api.value(1)]);
        const [width, height] = api.size([1, 1]);
        return {
          type: "group",
          children: [
            {
              type: "rect",
              shape: { x: middle - width / 2 + 1, y: centre - height / 2 + 1, width: width - 2, height: height - 2 },
              style: { fill: grounds[cell.tone] || colours.surface, stroke: colours.line },
            },
            {
              type: "text",
              style: {
                x: middle, y: centre, text: cell.mark ? `${cell.text}\n${cell.mark}` : cell.text,
                align: "center", verticalAlign: "middle", fontSize: 11, fontFamily: data.font || "sans-serif", lineHeight: 14,
                fill: inks[cell.tone] || colours.ink2,
              },
            },
          ],
        };
      },
    }],
  };
};
