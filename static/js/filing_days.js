// Checks of the days of a return, as pure functions like those of filing_checks.js: when an incident was
// and was reported, and by when what is missing will be mended. Days and moments are texts in local
// time (2026-10-12, 2026-10-12T09:30), which compare as they read.
globalThis.filingDays = (() => {
  "use strict";
  const isDay = (text) => /^\d{4}-\d\d-\d\d$/.test(text);
  const isMoment = (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text);
  // 2026-10-12 is 2026年10月12日.
  const inWords = (day) => day.split("-").map(Number).reduce((said, number, at) => `${said}${number}${"年月日"[at]}`, "");
  const says = (rules, code, values) => rules.says[code].join("").replace(/\{(\w+)\}/g, (_, name) => values[name]);

  // One incident: {row, day, reported}; `now` is local. Returns [{name of the field, text}].
  function checkIncident({ row, day, reported }, rules, now) {
    const found = [];
    const add = (name, code, values = {}) => found.push({ name, text: says(rules, code, { row, ...values }) });
    const { first, last, month } = rules.days;
    if (isDay(day) && (day < first || day > last)) add("occurred_on", "incident_day_outside", { day: inWords(day), month });
    if (isDay(day) && isMoment(reported) && reported.slice(0, 10) < day) add("reported_at", "incident_reported_before");
    if (isDay(day) && `${day}T00:00` > now) add("occurred_on", "incident_in_future", { what: "发生日期" });
    if (isMoment(reported) && reported.slice(0, 16) > now) add("reported_at", "incident_in_future", { what: "上报时间" });
    return found;
  }

  // One item of the self-check: {item, answer, account, repairBy}. Returns what is wrong, or "".
  function checkRepair({ item, answer, account, repairBy }, rules, now) {
    if (answer !== "no" || !account.trim() || !isDay(repairBy)) return "";
    const { reference } = rules.days;
    const day = inWords(repairBy);
    if (repairBy < now.slice(0, 10)) return says(rules, "safety_repair_past", { item, day });
    if (repairBy < reference) return says(rules, "safety_repair_before", { item, day, reference: inWords(reference) });
    return "";
  }

  return { checkIncident, checkRepair };
})();
