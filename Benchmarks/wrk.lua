-- Runs inside wrk: streams ready requests from a file where there is one, and prints what wrk measured as one line of
-- JSON.
--
--   usage: wrk … URL [-- FILE BYTES FIRST COUNT THREADS once|again]
--
-- FILE holds requests of BYTES bytes each; COUNT of them from number FIRST on are dealt out to the threads. "once": a
-- request is sent no second time, and running out of them is told. Without a file wrk repeats the GET of its URL, in C
-- alone.

local threads = {}

function setup(thread)
    thread:set("number", #threads)
    table.insert(threads, thread)
end

function init(arguments)
    if not arguments[1] then return end
    local bytes, first, count = tonumber(arguments[2]), tonumber(arguments[3]), tonumber(arguments[4])
    local share = math.floor(count / tonumber(arguments[5]))
    local once = arguments[6] == "once"
    local file = assert(io.open(arguments[1], "rb"))
    file:seek("set", (first + number * share) * bytes)
    local requests = {}
    for index = 1, share do requests[index] = file:read(bytes) end
    file:close()

    local last = 0
    ran_out = false
    -- Made here and not below: wrk takes any function of this name as a wish to be asked for each request.
    function request()
        if last == share then
            if once then
                ran_out = true
                wrk.thread:stop()
            end
            last = 0
        end
        last = last + 1
        return requests[last]
    end
end

function done(summary, latency, _)
    local ran_out = false
    for _, thread in ipairs(threads) do ran_out = ran_out or thread:get("ran_out") == true end
    local errors = summary.errors
    print(string.format(
        'figures {"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "refused": %d, "broken": %d, '
            .. '"ran_out": %s}',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status,
        errors.connect + errors.read + errors.write + errors.timeout, tostring(ran_out)))
end
