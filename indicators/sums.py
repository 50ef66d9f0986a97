"""What the counts of a region, or of any set of kindergartens, sum: one list, in SQL."""

# Column of the region's row -> what it sums over the counted kindergartens' facts `f`.
SUMS = {
    "kindergartens": "count(*)",
    "public_kindergartens": "count(*) FILTER (WHERE f.counts_public)",
    "education_kindergartens": (
        "count(*) FILTER (WHERE f.counts_public AND f.sponsor_type = 'education')"
    ),
    "inclusive_kindergartens": "count(*) FILTER (WHERE f.counts_inclusive)",
    "enrolled_children": "sum(f.enrolled_children)",
    "public_children": "sum(f.enrolled_children) FILTER (WHERE f.counts_public)",
    "inclusive_children": "sum(f.enrolled_children) FILTER (WHERE f.counts_inclusive)",
    "nursery_children": "sum(f.nursery_children)",
    "over_age_children": "sum(f.over_age_children)",
    "classes": "sum(f.classes)",
    "compliant_classes": "sum(f.compliant_classes)",
    "staffed_children": "sum(f.enrolled_children) FILTER (WHERE f.counts_staff)",
    "principals": "sum(f.principals) FILTER (WHERE f.counts_staff)",
    "full_time_teachers": "sum(f.full_time_teachers) FILTER (WHERE f.counts_staff)",
    "childcare_workers": "sum(f.childcare_workers) FILTER (WHERE f.counts_staff)",
    "health_staff": "sum(f.health_staff) FILTER (WHERE f.counts_staff)",
    "other_staff": "sum(f.other_staff) FILTER (WHERE f.counts_staff)",
    "certified_principals_and_teachers": (
        "sum(f.certified_principals_and_teachers) FILTER (WHERE f.counts_staff)"
    ),
    "staff_judged_kindergartens": (
        "count(*) FILTER (WHERE f.counts_staff AND f.fully_staffed IS NOT NULL)"
    ),
    "fully_staffed_kindergartens": "count(*) FILTER (WHERE f.counts_staff AND f.fully_staffed)",
}
