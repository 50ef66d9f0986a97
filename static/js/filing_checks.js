// Checks of a monthly return, as pure functions: the page runs them while someone types, the tests
// run them without a browser. The server decides; these only say the same thing sooner.
globalThis.filingChecks = (() => {
  "use strict";
  const GRADES = { nursery: "托班", small: "小班", middle: "中班", large: "大班", mixed: "混合班" };
  const AGES = ["age3", "age4", "age5", "age6"];
  const FLOWS = ["entered", "departed", "moved_in", "moved_out"];
  const PARTS = ["disabled", "left_behind", "migrant", "aided"];
  const AGE_OF_GRADE = { small: "age3", middle: "age4", large: "age5" };

  // Full-width digits and signs become plain ones; outer blanks, thousands separators and the word
  // after a number that was counted (150人) go.
  function normalise(text) {
    const plain = String(text ?? "")
      .replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
      .replace(/[－−]/g, "-")
      .replace(/．/g, ".")
      .replace(/，/g, ",")
      .trim()
      .replace(/([0-9])\s*(人次|人|名|天)$/, "$1");
    return /^\d{1,3}(,\d{3})+$/.test(plain) ? plain.replaceAll(",", "") : plain;
  }

  // The sentences of checks.toml, as the page's rules carry them: {code: [says, advice]}.
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const says = (rules, code, values) => fill(rules.says[code][0], values);
  const advises = (rules, code, values) => fill(rules.says[code][1], values);
  const whole = (rules, code, values) => says(rules, code, values) + advises(rules, code, values);

  // Read one count: {value, problem}. An empty cell is a problem, not a zero.
  function parseCount(text, label, most, rules) {
    const plain = normalise(text);
    const wrong = (code, values) => ({ value: null, problem: whole(rules, code, { label, ...values }) });
    if (plain === "") return wrong("count_missing", {});
    if (/^-\d+$/.test(plain)) return wrong("count_negative", {});
    if (!/^\d+$/.test(plain)) return wrong("count_not_whole", { typed: plain.slice(0, 12) });
    if (plain.length > 9 || Number(plain) > most) {
      return wrong("count_too_large", { typed: plain.slice(0, 12), most });
    }
    return { value: Number(plain), problem: null };
  }

  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  const listed = (names) => (names.length > 1
    ? `${names.slice(0, -1).join("、")}和${names.at(-1)}` : names.join(""));

  // Check one class. `row`: {name, grade, values {boys: "12", …}, lastTotal (number or null),
  // daysOpen (number or null)}.
  // Returns {counts, total, errors, warnings}: an error is {fields, text, advice}, a warning
  // {code, place, text, advice}.
  function checkClass(row, rules) {
    const LABELS = rules.labels;
    const name = row.name || "这个班";
    const counts = {};
    const errors = [];
    if (!row.name) {
      errors.push({ fields: ["name"], text: says(rules, "class_name_missing", {}), advice: "" });
    }
    const empty = [];
    for (const [field, text] of Object.entries(row.values)) {
      const { value, problem } = parseCount(text, LABELS[field], rules.most[field], rules);
      counts[field] = value;
      if (problem && normalise(text) === "") empty.push(field);
      else if (problem) errors.push({ fields: [field], text: `${name}：${problem}`, advice: "" });
    }
    // A new class begins with every cell empty: one sentence, not six.
    for (const missing of [empty.filter((field) => !isMore(field)), empty.filter(isMore)]) {
      if (!missing.length) continue;
      const labels = listed(missing.map((field) => LABELS[field]));
      // Attendance begins empty: `missing` says that nothing typed is wrong.
      errors.push({ missing: missing.every(isMore), fields: missing, text: `${name}：${says(rules, "count_missing", { label: labels })}`, advice: advises(rules, "count_missing", {}) });
    }
    const known = counts.boys !== null && counts.girls !== null;
    const total = known ? counts.boys + counts.girls : null;
    const ages = AGES.filter((age) => age in counts);
    if (known && ages.length && ages.every((age) => counts[age] !== null)) {
      const byAge = sum(ages.map((age) => counts[age]));
      if (byAge !== total) {
        const suspects = ages.filter((age) => counts[age] > 0);
        const asked = ["boys", "girls", ...(suspects.length ? suspects : ages)];
        const values = {
          name, children: total, by_age: byAge, difference: Math.abs(total - byAge),
          asked: listed(asked.map((field) => LABELS[field])),
        };
        errors.push({
          fields: asked,
          text: says(rules, "sexes_equal_ages", values),
          advice: advises(rules, "sexes_equal_ages", values),
        });
      }
    }
    errors.push(...impossible(row, name, counts, total, rules));
    return { counts, total, errors, warnings: unusual(row, name, counts, total, rules) };
  }

  const finding = (rules, code, values, place = "") => ({
    code, place, text: says(rules, code, values), advice: advises(rules, code, values),
  });

  // 实到人次 ÷ 应到人次 in percent with one decimal, rounded half up as the server does.
  function rate(attended, due) {
    const tenths = Math.floor((attended * 2000 + due) / (due * 2));
    return `${Math.floor(tenths / 10)}.${tenths % 10}`;
  }

  const isMore = (field) => field === "attended" || PARTS.includes(field);

  // What cannot be: flows that do not lead from last month to this, parts beyond the whole.
  function impossible(row, name, counts, total, rules) {
    const errors = [];
    const error = (code, fields, values) => errors.push({
      fields, text: says(rules, code, values), advice: advises(rules, code, values),
    });
    if (total === null) return errors;
    const flows = FLOWS.map((field) => counts[field] ?? null);
    if (rules.flows && !flows.includes(null)) {
      const [entered, departed, movedIn, movedOut] = flows;
      const before = row.lastTotal ?? 0;
      const due = before + entered + movedIn - departed - movedOut;
      if (due !== total) {
        error("class_flow", FLOWS, {
          name, before, entered, departed, moved_in: movedIn, moved_out: movedOut, due, children: total,
        });
      }
    }
    for (const field of PARTS) {
      if ((counts[field] ?? 0) > total) {
        error("part_within_children", [field], {
          name, label: rules.labels[field], part: counts[field], children: total,
        });
      }
    }
    const { attended, departed, moved_out: movedOut } = counts;
    const isKnown = [attended, departed, movedOut].every((value) => value !== null && value !== undefined);
    if (isKnown && row.daysOpen !== null) {
      const children = total + departed + movedOut;
      const most = children * row.daysOpen;
      if (attended > most) {
        error("attended_within_due", ["attended"], { name, attended, most, children, days: row.daysOpen });
      }
    }
    return errors;
  }

  // What is possible but unusual (经验校验): a class above its size, a large change.
  function unusual(row, name, counts, total, rules) {
    const warnings = [];
    const limit = rules.class_limits[row.grade];
    if (total !== null && limit !== undefined && total > limit) {
      warnings.push(finding(rules, "class_size", {
        name, children: total, grade: GRADES[row.grade], limit, over: total - limit,
      }));
    }
    const age = AGE_OF_GRADE[row.grade];
    const ofAge = counts[age] ?? null;
    if (age && total && ofAge !== null && ofAge * 100 < total * rules.least_of_age) {
      warnings.push(finding(rules, "age_for_grade", {
        name, grade: GRADES[row.grade], age: rules.labels[age], of_age: ofAge, children: total,
      }));
    }
    const change = total === null || row.lastTotal === null ? 0 : total - row.lastTotal;
    const movedTogether = rules.moved_up_once && rules.moved_together.includes(row.lastGrade);
    if ((rules.compare_with_last || movedTogether) && Math.abs(change) >= rules.unusual_change) {
      warnings.push(finding(rules, "class_change", {
        name, since: rules.since, word: change > 0 ? "多" : "少", difference: Math.abs(change),
        before: row.lastTotal, children: total,
      }));
    }
    const due = total === null || row.daysOpen === null ? 0 : total * row.daysOpen;
    const attended = counts.attended ?? null;
    if (attended !== null && due && attended * 100 < due * rules.low_attendance) {
      warnings.push(finding(rules, "attendance_low", { name, rate: rate(attended, due), due, attended }));
    }
    return warnings;
  }

  // Which class of the last return a class is: the one it says it was, or the one of its name that
  // no other class (`claimed`) says it was; "" for none.
  function nameInLast(name, was, claimed, rules) {
    if (rules.last_classes.some((one) => one.name === was)) return was;
    return claimed.includes(name) ? "" : name;
  }

  // Classes of the last return that are not there any more.
  function gone(classes, rules) {
    const there = new Set(classes.map(({ name, inLast }) => inLast ?? name));
    return rules.last_classes.filter(({ name }) => !there.has(name));
  }

  // Who moved between classes, and by how many more may have moved in than out: {moved_in, moved_out,
  // gone, stayed, most}; null while a number is missing. `classes`: {name, inLast, grade, counts} each.
  function movesOf(classes, rules) {
    const moves = classes.flatMap(({ counts }) => [counts.moved_in ?? null, counts.moved_out ?? null]);
    if (!rules.flows || moves.includes(null)) return null;
    const movedIn = (of) => sum(of.map(({ counts }) => counts.moved_in));
    const left = sum(gone(classes, rules).map(({ children }) => children));
    const stayed = Math.min(rules.graduates, movedIn(classes.filter(({ grade }) => rules.oldest.includes(grade))));
    return {
      moved_in: movedIn(classes), moved_out: sum(classes.map(({ counts }) => counts.moved_out)),
      gone: left, stayed, most: left + stayed,
    };
  }

  // Moves between classes come out even: "" or what is wrong.
  function checkMoves(classes, rules) {
    const moves = movesOf(classes, rules);
    if (!moves) return "";
    const difference = moves.moved_in - moves.moved_out;
    if (difference >= 0 && difference <= moves.most) return "";
    if (rules.graduates) return whole(rules, "moves_over_summer", moves);
    return whole(rules, moves.gone ? "moves_from_vanished" : "moves_equal", moves);
  }

  // Children of the graduated classes who stay another year: a finding or nothing.
  function checkStayed(classes, rules) {
    const moves = movesOf(classes, rules);
    const stayed = moves ? moves.moved_in - moves.moved_out - moves.gone : 0;
    return stayed > 0 && !checkMoves(classes, rules) ? [finding(rules, "stayed_on", { stayed })] : [];
  }

  // What is unusual about the days open: a finding or nothing. `days`: a number or null.
  function checkDaysOpen(days, rules) {
    const many = days !== null && rules.working_days !== null && days > rules.working_days;
    return many ? [finding(rules, "days_open_many", { days, working: rules.working_days })] : [];
  }

  // A quotient with one decimal, rounded half away from zero as the server does; `under` above 0.
  function inTenths(over, under) {
    const tenths = Math.floor((Math.abs(over) * 20 + under) / (under * 2));
    return `${over < 0 && tenths ? "−" : ""}${Math.floor(tenths / 10)}.${tenths % 10}`;
  }

  // Against kindergartens of the same type: rules.peers has median and bounds in hundredths.
  // `classes` as in checkWhole; `people`: all staff, or null.
  function checkPeers(classes, people, rules) {
    const counted = classes.filter(({ grade }) => grade !== "nursery");
    const totals = counted.map(({ total }) => total);
    if (totals.includes(null) || !sum(totals)) return [];
    const children = sum(totals);
    const before = sum(rules.last_classes.filter(({ grade }) => grade !== "nursery").map((row) => row.children));
    const figures = [["peer_staff", children, people ?? 0], ["peer_class_size", children, counted.length]];
    // Theirs is the change of one month: what changed in several is not held against it.
    if (rules.follows_last) figures.push(["peer_change", (children - before) * 100, before]);
    return figures.flatMap(([code, over, under]) => {
      const lie = rules.peers[code];
      if (!lie || !under) return [];
      if (lie.low * under <= over * 100 && over * 100 <= lie.high * under) return [];
      return [finding(rules, code, {
        value: inTenths(over, under), peers: lie.peers, median: inTenths(lie.median, 100),
        low: inTenths(lie.low, 100), high: inTenths(lie.high, 100),
      })];
    });
  }

  // Against the annual statistics: rules.stated by check. `classes` as in checkWhole; `teachers`: or null.
  function checkStated(classes, teachers, rules) {
    const counted = classes.filter(({ grade }) => grade !== "nursery");
    const totals = counted.map(({ total }) => total);
    const values = {
      stated_children: totals.includes(null) ? null : sum(totals), stated_classes: counted.length, stated_teachers: teachers,
    };
    return Object.entries(values).flatMap(([code, value]) => {
      const stated = rules.stated[code];
      if (!stated || value === null) return [];
      const difference = Math.abs(value - stated.number);
      if (difference < stated.least || difference * 100 <= stated.percent * stated.number) return [];
      return [finding(rules, code, {
        value, on: stated.on, stated: stated.number, word: value > stated.number ? "多" : "少", difference, percent: stated.percent,
      })];
    });
  }

  // What is unusual about the return as a whole. `classes`: {name, inLast, grade, total, warnings} each.
  function checkWhole(classes, rules) {
    if (!rules.compare_with_last && !rules.moved_up_once) return [];
    const findings = gone(classes, rules)
      .filter(({ children }) => children)
      .map(({ name, children }) => finding(rules, "class_vanished", { name, since: rules.since, before: children }, name));
    if (!rules.compare_with_last || !rules.last_classes.length) return findings;
    const outsideNursery = ({ grade }) => grade !== "nursery";
    const totals = classes.filter(outsideNursery).map(({ total }) => total);
    const before = sum(rules.last_classes.filter(outsideNursery).map(({ children }) => children));
    const explained = classes.some(({ warnings }) => warnings.some(({ code }) => code === "class_change"));
    const difference = totals.includes(null) ? 0 : sum(totals) - before;
    if (!explained && Math.abs(difference) >= rules.unusual_total_change) {
      findings.push(finding(rules, "total_change", {
        since: rules.since, word: difference > 0 ? "多" : "少", difference: Math.abs(difference), before, children: sum(totals),
      }));
    }
    return findings;
  }

  // One post: {post, label, people, certified, joined, left}, each a number or null. Returns
  // [{fields, text}] of what cannot be.
  function checkStaff({ post, label, people, certified = null, joined, left }, rules) {
    const errors = [];
    const error = (code, fields, values) => errors.push({ fields, text: whole(rules, code, { post: label, people, ...values }) });
    if (people !== null && certified !== null && certified > people) error("certified_within_people", ["certified"], { certified });
    const before = rules.last_staff[post] ?? null;
    if (rules.flows && ![before, people, joined, left].includes(null)) {
      const due = before + joined - left;
      if (due !== people) error("staff_flow", ["joined", "left"], { before, joined, left, due });
    }
    return errors;
  }

  // What is wrong with the number of classes, or "".
  function checkNumberOfClasses(number, rules) {
    if (number === 0) return whole(rules, "classes_at_least_one", {});
    if (number > rules.max_classes) {
      return whole(rules, "classes_at_most", { classes: number, most: rules.max_classes });
    }
    return "";
  }

  return {
    isMore, normalise, whole, parseCount, rate, checkClass, checkMoves, checkStayed, checkDaysOpen,
    checkWhole, checkPeers, checkStated, checkNumberOfClasses, checkStaff, nameInLast, sum,
  };
})();
