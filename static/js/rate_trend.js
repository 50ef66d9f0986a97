// One drawing of a rate over months, for the page (ECharts in the browser) and for print (ECharts in
// the worker). A pure function in a classic script: no DOM, no clock; colours and width come in.
// A month without a value is a gap, never bridged; holidays get a grey band; a provisional month is
// a hollow point, dashed to its neighbours; a target is a dashed line named at its end, from the month
// in which it came into force to its last (`targets`) or all along (`target`). A figure that was kept before
// the portal, by published tables, is a square on a line of its own, never joined to the portal's. The first
// `years` points stand for a year each: a line parts them from the months, whose steps are shorter.
globalThis.rateTrendOption = function rateTrendOption(data) {
  "use strict";
  const colours = data.colors;
  const width = data.width || 400;
  const unit = data.unit === undefined ? "%" : data.unit;
  const points = data.points;
  const target = data.target === undefined || data.target === null ? null : Number(data.target);
  const last = points.length - 1;
  const lines = data.targets || (target === null ? [] : [{ value: data.target, from: 0 }]);
  const beside = data.beside || [];
  const years = data.years || 0;
  const values = points.map((point) => (point.value === null ? null : Number(point.value)));
  const published = values.map((value, i) => (points[i].source ? value : null));
  const solid = values.map((value, i) => (points[i].provisional || points[i].source ? null : value));
  const dashed = values.map((value, i) => {
    const joins = [points[i - 1], points[i], points[i + 1]].some((point) => point && point.provisional);
    return joins && value !== null ? value : null;
  });

  const shown = values.filter((value) => value !== null).concat(
    lines.map((line) => Number(line.value)),
    beside.flatMap((line) => line.values.filter((value) => value !== null).map(Number)),
  );
  // Few pixels leave room for three numbers on the axis.
  const axis = axisFor(shown, data.height && data.height < 100 ? 2 : 4);
  const bands = [];
  points.forEach((point, i) => {
    if (point.holiday) bands.push([{ xAxis: i - 0.5 }, { xAxis: i + 0.5 }]);
  });
  // Names of months need about 34 px each, years 40; where there is no room, every second or fourth is written.
  const room = (width - 90) / Math.max(points.length, 1);
  const every = room >= 34 ? 1 : room >= 17 ? 2 : room >= 9 ? 4 : 6;
  const everyYear = Math.ceil(40 / room);
  // A high chart names the year below its first month and each January.
  const named = (data.height || 0) >= 180;
  const written = points.map((point, i) => (i < years
    ? (years - 1 - i) % everyYear === 0
    : every === 1 || monthOf(point.label) % every === 1));
  const firstWritten = written.indexOf(true, years);
  const january = points.findIndex((point, i) => i > firstWritten && monthOf(point.label) === 1);
  const namesFirst = january < 0 || (january - firstWritten) * room >= 48;

  return {
    animation: false,
    textStyle: { fontFamily: data.font || "sans-serif" },
    aria: { enabled: true, label: { description: data.description || data.title || "" } },
    grid: { left: axis.digits * 7 + 14, right: lines.length ? 54 : 12, top: 10, bottom: named ? 42 : 24 },
    tooltip: {
      trigger: "axis", confine: true, backgroundColor: colours.surface, borderColor: colours.line2,
      textStyle: { color: colours.ink, fontSize: 13 },
      formatter(shownPoints) {
        const point = points[shownPoints[0].dataIndex];
        const value = point.value === null
          ? (point.holiday ? "假期不报" : "没有数据")
          : `${point.value}${unit}${point.provisional ? "（暂计）" : ""}`;
        const wanted = lines.filter((line) => line.from <= shownPoints[0].dataIndex
            && (line.to === undefined || line.to >= shownPoints[0].dataIndex))
          .map((line) => `<br>目标${line.value}${unit}`).join("");
        return `${point.label}${point.source ? `（${point.source}）` : ""}<br>${value}${wanted}`;
      },
    },
    xAxis: {
      type: "category", data: points.map((point) => point.label), boundaryGap: true,
      axisTick: { show: false }, axisLine: { lineStyle: { color: colours.line2 } },
      // Between the last year and the first month.
      splitLine: {
        show: years > 0, interval: (i) => i === 0 || i === years,
        lineStyle: { color: [colours.line, colours.ink3] },
      },
      axisLabel: {
        color: colours.ink3, fontSize: 12, interval: 0, hideOverlap: false,
        formatter(label, i) {
          if (!written[i]) return "";
          const [year, month] = label.split(/(?<=年)/);
          if (i < years) return year;
          return named && ((i === firstWritten && namesFirst) || monthOf(label) === 1) ? `${month}\n${year}` : month;
        },
      },
    },
    yAxis: {
      type: "value", min: axis.min, max: axis.max, interval: axis.step,
      axisLabel: { color: colours.ink3, fontSize: 12, formatter: (value) => axis.written(value) },
      splitLine: { lineStyle: { color: colours.line } },
    },
    series: [
      {
        type: "line", data: solid, symbol: "circle", symbolSize: 5, connectNulls: false,
        lineStyle: { width: 2, color: colours.accent }, itemStyle: { color: colours.accent },
        markArea: { silent: true, itemStyle: { color: colours.band }, data: bands },
        markLine: lines.length === 0 ? undefined : {
          silent: true, symbol: "none",
          lineStyle: { type: [5, 4], color: colours.ink2, width: 1.25 },
          label: { position: "end", color: colours.ink2, fontSize: 12, distance: 6 },
          data: lines.map(drawnLine),
        },
      },
      {
        type: "line", connectNulls: false, itemStyle: { color: colours.accent },
        lineStyle: { width: 2, type: [3, 3], color: colours.accent },
        data: dashed.map((value, i) => (points[i].provisional && value !== null
          ? { value, symbol: "circle", symbolSize: 8, itemStyle: { color: colours.surface, borderColor: colours.accent, borderWidth: 2 } }
          : { value, symbol: "none" })),
      },
      ...(published.some((value) => value !== null) ? [{
        type: "line", data: published, symbol: "rect", symbolSize: 7, connectNulls: true,
        lineStyle: { width: 1.5, color: colours.ink3 }, itemStyle: { color: colours.ink3 },
      }] : []),
      ...beside.map(besideLine),
    ],
  };

  function monthOf(label) {
    return Number(/(\d+)月$/.exec(label)?.[1]);
  }

  // Dotted and grey, small diamonds, named at its newest point.
  function besideLine(line) {
    const newest = line.values.findLastIndex((value) => value !== null);
    return {
      type: "line", connectNulls: true, symbol: "diamond", symbolSize: 7,
      lineStyle: { width: 1.25, type: [1, 3], color: colours.ink3 }, itemStyle: { color: colours.ink3 },
      data: line.values.map((value, i) => (value === null ? null : {
        value: Number(value),
        label: i === newest ? {
          show: true, formatter: i < years ? line.name : `${line.name}${points[i].label.split("年")[0]}年`, position: "top", color: colours.ink3, fontSize: 12,
        } : undefined,
      })),
    };
  }

  // From its first month to its last, or over the whole width where it held all along.
  function drawnLine(line) {
    const until = line.to === undefined ? last : line.to;
    const label = { formatter: `目标${line.value}`, position: until < last ? "insideEndTop" : "end" };
    const height = Number(line.value);
    if (!line.from && until === last) return { yAxis: height, label };
    return [{ coord: [line.from, height], label }, { coord: [until, height] }];
  }

  // Round ends around the values, at most so many steps, never past 0 for shares.
  function axisFor(numbers, most) {
    if (!numbers.length) return { min: 0, max: 100, step: 50, digits: 3, written: String };
    const low = Math.min(...numbers);
    const high = Math.max(...numbers);
    const step = [0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 2000, 5000, 10000]
      .find((size) => Math.ceil((high + size / 4) / size) - Math.floor((low - size / 4) / size) <= most) || 20000;
    let min = Math.floor((low - step / 4) / step) * step;
    if (min < 0 && low >= 0) min = 0;
    const max = Math.max(Math.ceil((high + step / 4) / step) * step, min + step);
    // All numbers of an axis are written alike: 95.5 and 96.0.
    const written = (value) => (step < 1 ? value.toFixed(1) : String(value));
    return { min, max, step, written, digits: written(max).length };
  }
};
