// Places or parts side by side, for the page and for a picture: one bar each, longest first as they
// come. A pure function in a classic script: no DOM, no clock; colours and size come in. The verdict
// stands in words behind the number, so that no colour speaks alone; the target is a dashed line.
globalThis.rankingBarsOption = function rankingBarsOption(data) {
  "use strict";
  const colours = data.colors;
  const unit = data.unit === undefined ? "%" : data.unit;
  const target = data.target === undefined || data.target === null ? null : Number(data.target);
  const values = data.bars.map((bar) => (bar.value === null ? null : Number(bar.value)));
  const tones = { pass: colours.pass, near: colours.near, wait: colours.near, fail: colours.fail };
  const narrow = (data.width || 800) < 520;
  // A bar's length is its number: the axis begins at 0, whatever room that takes.
  const most = Math.max(0, ...values.filter((value) => value !== null), target === null ? 0 : target);
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000, 100000]
    .find((size) => most / size <= (narrow ? 3 : 6)) || most || 1;

  return {
    animation: false,
    textStyle: { fontFamily: data.font || "sans-serif" },
    aria: { enabled: true, label: { description: data.description || "" } },
    grid: { left: narrow ? 92 : 148, right: narrow ? 104 : 148, top: target === null ? 8 : 26, bottom: 26 },
    tooltip: {
      trigger: "item", confine: true, backgroundColor: colours.surface, borderColor: colours.line2,
      textStyle: { color: colours.ink, fontSize: 13 },
      formatter: (shown) => said(data.bars[shown.dataIndex]),
    },
    xAxis: {
      type: "value", min: 0, max: Math.ceil((most || 1) / (step / 4)) * (step / 4), interval: step,
      axisLabel: { color: colours.ink3, fontSize: 12, showMaxLabel: false },
      splitLine: { lineStyle: { color: colours.line } },
    },
    yAxis: {
      type: "category", inverse: true, data: data.bars.map((bar) => bar.label),
      axisTick: { show: false }, axisLine: { lineStyle: { color: colours.line2 } },
      axisLabel: {
        color: colours.ink2, fontSize: 12, interval: 0, width: narrow ? 84 : 138, overflow: "truncate",
      },
    },
    series: [{
      type: "bar", barMaxWidth: 16, barCategoryGap: "36%",
      data: data.bars.map((bar, i) => ({
        value: values[i] === null ? 0 : values[i],
        itemStyle: bar.provisional
          ? { color: colours.surface, borderColor: tones[bar.tone] || colours.accent, borderWidth: 1.5 }
          : { color: tones[bar.tone] || colours.accent },
      })),
      label: {
        show: true, position: "right", color: colours.ink2, fontSize: 12,
        backgroundColor: colours.surface, padding: [1, 3],
        formatter: (shown) => said(data.bars[shown.dataIndex], true),
      },
      markLine: target === null ? undefined : {
        silent: true, symbol: "none", z: 1,
        lineStyle: { type: [5, 4], color: colours.ink2, width: 1.25 },
        label: { formatter: `目标${data.target}`, position: "start", color: colours.ink2, fontSize: 12, distance: 4 },
        data: [{ xAxis: target }],
      },
    }],
  };

  function said(bar, short) {
    const number = bar.value === null ? "—" : `${bar.shown || bar.value}${short ? "" : unit}`;
    const word = bar.word ? ` ${bar.word}` : "";
    const start = short ? "" : `${bar.label}<br>`;
    return `${start}${number}${word}${bar.provisional && !short ? "（暂计）" : ""}`;
  }
};
