// Checks of a monthly return, as pure functions: the page runs them while someone types, the tests
// run them without a browser. The server decides; these only say the same thing sooner.
globalThis.filingChecks = (() => {
  "use strict";
  const LABELS = { boys: "男", girls: "女", age3: "3岁", age4: "4岁", age5: "5岁", age6: "6岁以上" };
  const GRADES = { nursery: "托班", small: "小班", middle: "中班", large: "大班", mixed: "混合班" };
  const AGES = ["age3", "age4", "age5", "age6"];

  // Full-width digits and signs become plain ones; outer blanks and thousands separators go.
  function normalise(text) {
    const plain = String(text ?? "")
      .replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
      .replace(/[－−]/g, "-")
      .replace(/．/g, ".")
      .replace(/，/g, ",")
      .trim();
    return /^\d{1,3}(,\d{3})+$/.test(plain) ? plain.replaceAll(",", "") : plain;
  }

  // Read one count: {value, problem}. An empty cell is a problem, not a zero.
  function parseCount(text, label, most) {
    const plain = normalise(text);
    if (plain === "") return { value: null, problem: `${label}没有填。没有人请填0。` };
    if (/^-\d+$/.test(plain)) return { value: null, problem: `${label}不能是负数，填0或正整数。` };
    if (!/^\d+$/.test(plain)) {
      return { value: null, problem: `${label}要填整数，不能写“${plain.slice(0, 12)}”，例如12。` };
    }
    if (plain.length > 9 || Number(plain) > most) {
      const shown = plain.slice(0, 12);
      return { value: null, problem: `${label}填了${shown}，超过${most}。请核对是不是多打了位数。` };
    }
    return { value: Number(plain), problem: null };
  }

  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  const listed = (names) => (names.length > 1
    ? `${names.slice(0, -1).join("、")}和${names.at(-1)}` : names.join(""));

  // Check one class. `row`: {name, grade, values {boys: "12", …}, lastTotal (number or null)}.
  // Returns {counts, total, errors, warnings, needsNote}; a finding is {fields, text, advice}.
  function checkClass(row, rules) {
    const name = row.name || "这个班";
    const counts = {};
    const errors = [];
    if (!row.name) {
      errors.push({ fields: ["name"], text: "班级名称没有填，例如“小一班”。", advice: "" });
    }
    const empty = [];
    for (const [field, text] of Object.entries(row.values)) {
      const { value, problem } = parseCount(text, LABELS[field], rules.max_count);
      counts[field] = value;
      if (problem && normalise(text) === "") empty.push(field);
      else if (problem) errors.push({ fields: [field], text: `${name}：${problem}`, advice: "" });
    }
    // A new class begins with every cell empty: one sentence, not six.
    if (empty.length) {
      const labels = listed(empty.map((field) => LABELS[field]));
      errors.push({ fields: empty, text: `${name}：${labels}没有填。`, advice: "没有人请填0。" });
    }
    const known = counts.boys !== null && counts.girls !== null;
    const total = known ? counts.boys + counts.girls : null;
    const ages = AGES.filter((age) => age in counts);
    if (known && ages.length && ages.every((age) => counts[age] !== null)) {
      const byAge = sum(ages.map((age) => counts[age]));
      if (byAge !== total) {
        const suspects = ages.filter((age) => counts[age] > 0);
        const asked = ["boys", "girls", ...(suspects.length ? suspects : ages)];
        errors.push({
          fields: asked,
          text: `${name}男女合计${total}人，各年龄合计${byAge}人，相差${Math.abs(total - byAge)}人。`,
          advice: `请核对${listed(asked.map((field) => LABELS[field]))}的人数。`,
        });
      }
    }
    return { counts, total, errors, ...unusual(row, name, total, rules) };
  }

  // What is possible but unusual (经验校验): a class above its size, a large change to explain.
  function unusual(row, name, total, rules) {
    const warnings = [];
    let needsNote = false;
    const limit = rules.class_limits[row.grade];
    if (total !== null && limit !== undefined && total > limit) {
      warnings.push({
        text: `${name}${total}人，${GRADES[row.grade]}班额不超过${limit}人，多${total - limit}人。`,
        advice: "",
      });
    }
    const change = total === null || row.lastTotal === null ? 0 : total - row.lastTotal;
    if (rules.compare_with_last && Math.abs(change) >= rules.unusual_change) {
      const word = change > 0 ? "多" : "少";
      warnings.push({
        text: `${name}比上月${word}${Math.abs(change)}人（${row.lastTotal}人变为${total}人）。`,
        advice: "情况属实的，请写明原因。不属实的，直接改上面的数。",
      });
      needsNote = true;
    }
    return { warnings, needsNote };
  }

  // Names used twice: a class is known by its name from month to month.
  function repeated(names) {
    return [...new Set(names.filter((name, i) => name && names.indexOf(name) !== i))];
  }

  // What is wrong with the number of classes, or "".
  function checkNumberOfClasses(number, rules) {
    if (number === 0) return "还没有填班级。请至少填一个班；本月没有幼儿的，填一个班，人数填0。";
    if (number > rules.max_classes) return `一所园最多填${rules.max_classes}个班，现有${number}个。请核对。`;
    return "";
  }

  return { LABELS, AGES, normalise, parseCount, checkClass, checkNumberOfClasses, repeated, sum };
})();
