"""Plans to begin with. Each says what it rests on."""

from pipeline.coaching.plan import Plan, PlannedLift, PlannedSession

STRENGTH = Plan(
    name="strength",
    sessions_per_week=2,
    sessions=(
        PlannedSession(
            "heavy",
            (
                PlannedLift("hip_thrust", 4, (5, 8), tempo="2-0-X-1", rest_s=180),
                PlannedLift("squat", 3, (5, 8), rest_s=180),
            ),
        ),
        PlannedSession(
            "light",
            (
                PlannedLift("hip_thrust", 3, (12, 15), tempo="2-0-1-2", hold_s=2, rest_s=120),
                PlannedLift("lunge", 2, (10, 12), rest_s=120),
            ),
        ),
    ),
    source=(
        "ACSM position stand, Progression models in resistance training for healthy adults, Med "
        "Sci Sports Exerc 2009: 2 to 3 sessions a week, few reps and about 3 minutes of rest for "
        "strength; heavy and light in turn is from the guide behind this project"
    ),
)

HYPERTROPHY = Plan(
    name="hypertrophy",
    sessions_per_week=3,
    sessions=(
        PlannedSession(
            "heavy",
            (
                PlannedLift("hip_thrust", 4, (6, 8), tempo="2-0-1-1", rest_s=180),
                PlannedLift("deadlift", 3, (8, 12), rest_s=120),
            ),
        ),
        PlannedSession(
            "light",
            (
                PlannedLift("hip_thrust", 3, (12, 20), tempo="2-1-1-2", hold_s=2, rest_s=90),
                PlannedLift("lunge", 3, (10, 12), rest_s=90),
            ),
        ),
        PlannedSession(
            "medium",
            (
                PlannedLift("hip_thrust", 3, (8, 12), tempo="2-0-1-1", hold_s=1, rest_s=120),
                PlannedLift("squat", 3, (8, 12), rest_s=120),
            ),
        ),
    ),
    source=(
        "Schoenfeld, Ogborn and Krieger, Dose-response relationship between weekly resistance "
        "training volume and increases in muscle mass, J Sports Sci 2017: 10 sets a week and more "
        "of a muscle; ACSM 2009: mostly 6 to 12 reps"
    ),
)

RETURN = Plan(
    name="return",
    sessions_per_week=2,
    sessions=(
        PlannedSession(
            "easy",
            (PlannedLift("hip_thrust", 2, (8, 12), tempo="2-0-1-2", hold_s=2, rest_s=120),),
        ),
    ),
    source=(
        "Caterisano and others, CSCCa and NSCA joint consensus guidelines for transition periods: "
        "safe return to training following inactivity, Strength Cond J 2019: after two weeks "
        "without training or more, begin with about half of the usual volume"
    ),
)

TEMPLATES = {plan.name: plan for plan in (STRENGTH, HYPERTROPHY, RETURN)}
