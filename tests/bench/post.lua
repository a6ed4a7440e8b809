-- For wrk: POSTs one visitor's act after the other, each with ids of its own (UUIDv7: the time in front, then chance).
-- Arguments after `--`: the notice's digest, a seed, milliseconds since 1970. Every second visitor refuses something.
-- With the argument `get` in front, headers as "Name: value" follow instead, and the path is fetched.

local BODY = '{"id":"%s","subject":"%s","notice":"%s","language":"en","action":"save",'
  .. '"purposes":{"analytics":true,"content":%s,"advertising":%s},'
  .. '"services":{"google-analytics":true,"youtube":%s,"twitter":%s,"google-ads":%s,"facebook-pixel":%s},'
  .. '"regime":"opt_in","gpc":false,"page":"https://www.miaminewtimes.com/news/an-article-%d",'
  .. '"decided_at":"2026-11-22T10:00:00.123Z"}'
local HEADERS = {
  ["Content-Type"] = "text/plain;charset=UTF-8",
  ["Origin"] = "https://www.miaminewtimes.com",
  ["User-Agent"] = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36",
  ["Accept"] = "*/*",
  ["Accept-Encoding"] = "gzip, deflate, br",
  ["Accept-Language"] = "en-US,en;q=0.9",
  ["Referer"] = "https://www.miaminewtimes.com/",
}
local fetched, notice, instant, made = nil, nil, 0, 0

local function uuid7()
  made = made + 1
  local random = math.random
  local head = string.format("%012x", instant + math.floor(made / 16))
  local tail = string.format("7%03x-%x%03x-%04x%08x",
    random(0, 0xfff), random(8, 11), random(0, 0xfff), random(0, 0xffff), random(0, 0x7fffffff))
  return head:sub(1, 8) .. "-" .. head:sub(9) .. "-" .. tail
end

function init(args)
  if args[1] == "get" then
    local headers = {}
    for place = 2, #args do
      local name, value = args[place]:match("^([^:]+): (.*)$")
      headers[name] = value
    end
    fetched = wrk.format("GET", nil, headers)
  else
    notice, instant = args[1], tonumber(args[3])
    math.randomseed(tonumber(args[2]))
  end
end

function request()
  if fetched then return fetched end
  local gives = tostring(made % 4 == 0)
  local body = BODY:format(uuid7(), uuid7(), notice, gives, gives, gives, gives, gives, gives, made % 50)
  return wrk.format("POST", nil, HEADERS, body)
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('\nRESULT {"requests":%d,"seconds":%f,"p50":%f,"p99":%f,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
