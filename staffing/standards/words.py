"""What a row of a standard asks for, as a sentence of its numbers."""

from __future__ import annotations

from staffing.standards.terms import Demand, HealthRule, Terms


def terms_text(demand: Demand, terms: Terms) -> str:
    match demand:
        case Demand.CLASS:
            return _class_posts(terms)
        case Demand.PRINCIPAL:
            steps = [f"{start}个班起最多{people}名" for start, people in terms.steps]
            return f"至少1名；{'，'.join(steps)}"
        case Demand.GUARD:
            steps = [f"{start}人起{people}名" for start, people in terms.steps]
            beyond = f"，再往上每{terms.step_beyond}人加1名" if terms.step_beyond else ""
            return f"{'，'.join(steps)}{beyond}"
        case Demand.COOK:
            return f"三餐一点的每{terms.least}至{terms.most}名幼儿1名，不足{terms.least}名的1名"
        case Demand.HEALTH:
            if terms.health_rule == HealthRule.PER_FULL:
                return f"每满{terms.most}名幼儿1名，余数不另加"
            return f"每人最多{terms.most}名幼儿"
        case _:
            return f"1:{terms.least}至1:{terms.most}" if terms.least else f"1:{terms.most}以内"


def _class_posts(terms: Terms) -> str:
    carers = f"和{terms.carers}名保育员" if terms.carers else ""
    said = [f"每班{terms.teachers}名教师{carers}"]
    if terms.teachers_alone:
        said[0] += f"，或{terms.teachers_alone}名教师"
    if terms.single_teachers is not None:
        single = f"和{terms.single_carers}名保育员" if terms.single_carers else ""
        said.append(f"单班园{terms.single_teachers}名教师{single}")
    if terms.boarding_teachers is not None:
        said.append(
            f"寄宿班每班另加{terms.boarding_teachers}名教师、{terms.boarding_carers or 0}名保育员"
        )
    return "；".join(said)
