// Live samples by the second, as long as the roll-up keeps them. A task of InfluxDB 2.x.
// Times are those of the second's beginning, as in InfluxQL.
option task = {name: "ROLLUP_BUCKET", every: 10s, offset: 2s}

live =
    from(bucket: "LIVE_BUCKET")
        |> range(start: -1m)
        |> filter(fn: (r) => r._measurement == "live")

pitch = live |> filter(fn: (r) => r._field == "pitch_deg")

pitch
    |> aggregateWindow(every: 1s, fn: mean, createEmpty: false, timeSrc: "_start")
    |> to(bucket: "ROLLUP_BUCKET")

pitch
    |> aggregateWindow(every: 1s, fn: min, createEmpty: false, timeSrc: "_start")
    |> set(key: "_field", value: "pitch_min_deg")
    |> to(bucket: "ROLLUP_BUCKET")

pitch
    |> aggregateWindow(every: 1s, fn: max, createEmpty: false, timeSrc: "_start")
    |> set(key: "_field", value: "pitch_max_deg")
    |> to(bucket: "ROLLUP_BUCKET")

live
    |> filter(fn: (r) => r._field == "reps")
    |> aggregateWindow(every: 1s, fn: last, createEmpty: false, timeSrc: "_start")
    |> to(bucket: "ROLLUP_BUCKET")

live
    |> filter(fn: (r) => r._field == "phase")
    |> aggregateWindow(every: 1s, fn: last, createEmpty: false, timeSrc: "_start")
    |> to(bucket: "ROLLUP_BUCKET")
