-- Fills the selection with what a model of Sprite Lab draws there. Needs Aseprite 1.3 or newer, curl
-- (part of Windows, macOS and most systems), and 'sprite-lab serve' running on this machine.

local BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local ANY = "(any)"

local function base64(data)
  local out = {}
  for i = 1, #data, 3 do
    local a, b, c = data:byte(i, i + 2)
    local bits = a * 65536 + (b or 0) * 256 + (c or 0)
    for shift = 18, 0, -6 do
      local digit = (bits // (1 << shift)) % 64 + 1
      out[#out + 1] = BASE64:sub(digit, digit)
    end
    if not c then out[#out] = "=" end
    if not b then out[#out - 1] = "=" end
  end
  return table.concat(out)
end

local function write(path, data)
  local file = io.open(path, "wb")
  if not file then error("'" .. path .. "' cannot be written.", 0) end
  file:write(data)
  file:close()
end

local function read(path)
  local file = io.open(path, "rb")
  if not file then return "" end
  local data = file:read("a")
  file:close()
  return data
end

-- Within double quotes of curl's settings.
local function setting(text)
  if text:find("%c") then error("An address or token has no line breaks.", 0) end
  return '"' .. text:gsub('[\\"]', "\\%0") .. '"'
end

-- As one word of a command line.
local function word(path)
  if app.fs.pathSeparator == "\\" then return '"' .. path .. '"' end
  return "'" .. path:gsub("'", "'\\''") .. "'"
end

-- Asks the server; what it says, as a text. All is handed to curl in files of the extension's own
-- folder, since everybody can read a command line.
local function ask(plugin, path, body)
  local function own(name) return app.fs.joinPath(plugin.path, name) end
  local config, request, reply = own("request.curl"), own("request.json"), own("reply")
  local lines = {
    "url = " .. setting(plugin.preferences.address .. path),
    "header = " .. setting("Authorization: Bearer " .. plugin.preferences.token),
    "output = " .. setting(reply),
    'noproxy = "*"',
    "silent",
    "max-time = 130",
  }
  if body then
    write(request, json.encode(body))
    lines[#lines + 1] = "data-binary = " .. setting("@" .. request)
    lines[#lines + 1] = 'header = "Content-Type: application/json"'
    lines[#lines + 1] = 'header = "Accept: image/png"'
  end
  write(reply, "")
  write(config, table.concat(lines, "\n"))
  os.execute("curl --config " .. word(config))
  write(config, "")
  local said = read(reply)
  if said == "" then
    error("Nothing answers at " .. plugin.preferences.address
      .. ": run 'sprite-lab serve' and try again.", 0)
  end
  if said:sub(1, 4) == "\137PNG" then return said, reply end
  local ok, facts = pcall(json.decode, said)
  if not ok then error("What answers at " .. plugin.preferences.address .. " is not Sprite Lab.", 0) end
  if facts.error then error(facts.error, 0) end
  return facts, reply
end

-- The pixels that are to be filled, and the corner of the square that the model sees around them.
local function place(sprite, size)
  local area = sprite.selection.isEmpty and sprite.bounds or sprite.selection.bounds
  area = area:intersect(sprite.bounds)
  if area.isEmpty then error("The selection lies outside of the canvas.", 0) end
  if area.width > size or area.height > size then
    error(("Select at most %d×%d pixels: that is what the model draws."):format(size, size), 0)
  end
  local function corner(start, length, canvas)
    if canvas <= size then return -((size - canvas) // 2) end
    return math.max(0, math.min(start + length // 2 - size // 2, canvas - size))
  end
  return Point(corner(area.x, area.width, sprite.width), corner(area.y, area.height, sprite.height))
end

local function wanted(sprite, x, y)
  if x < 0 or y < 0 or x >= sprite.width or y >= sprite.height then return false end
  return sprite.selection.isEmpty or sprite.selection:contains(x, y)
end

-- How a color is written into an image of the sprite.
local function encoder(sprite)
  local pc = app.pixelColor
  if sprite.colorMode == ColorMode.RGB then return function(value) return value end end
  if sprite.colorMode == ColorMode.GRAY then
    return function(value)
      local gray = 0.299 * pc.rgbaR(value) + 0.587 * pc.rgbaG(value) + 0.114 * pc.rgbaB(value)
      return pc.graya(math.floor(gray + 0.5), pc.rgbaA(value))
    end
  end
  local palette = sprite.palettes[1]
  return function(value)
    if pc.rgbaA(value) < 128 then return sprite.transparentColor end
    local best, least = 0, math.huge
    for i = 0, #palette - 1 do
      local color = palette:getColor(i)
      local far = (color.red - pc.rgbaR(value)) ^ 2 + (color.green - pc.rgbaG(value)) ^ 2
        + (color.blue - pc.rgbaB(value)) ^ 2
      if i ~= sprite.transparentColor and far < least then best, least = i, far end
    end
    return best
  end
end

local function fill(plugin, info, config)
  local sprite, layer, frame = app.sprite, app.layer, app.frame
  if not sprite then error("Open a sprite first.", 0) end
  if not layer or not layer.isImage or layer.isTilemap or not layer.isEditable then
    error("Choose a layer of pixels that can be edited.", 0)
  end
  local size = info.size
  local at = place(sprite, size)
  local seen = Image(size, size, ColorMode.RGB)
  seen:drawSprite(sprite, frame.frameNumber, Point(-at.x, -at.y))
  local picture = app.fs.joinPath(plugin.path, "drawing.png")
  seen:saveAs(picture)
  local keep = {}
  for y = 0, size - 1 do
    local row = {}
    for x = 0, size - 1 do row[x + 1] = wanted(sprite, at.x + x, at.y + y) and "." or "#" end
    keep[y + 1] = table.concat(row)
  end
  local body = { drawing = base64(read(picture)), keep = keep, config = config }
  local _, reply = ask(plugin, "/inpaint", body)
  local png = app.fs.joinPath(plugin.path, "reply.png")
  write(png, read(reply))
  local drawn = Image{ fromFile = png }
  local cel = layer:cel(frame.frameNumber)
  local area = cel and cel.bounds:union(sprite.bounds) or sprite.bounds
  local image = Image(area.width, area.height, sprite.colorMode)
  if sprite.colorMode == ColorMode.INDEXED then image:clear(image.bounds, sprite.transparentColor) end
  if cel then image:drawImage(cel.image, Point(cel.position.x - area.x, cel.position.y - area.y)) end
  local encoded = encoder(sprite)
  for y = 0, size - 1 do
    for x = 0, size - 1 do
      if wanted(sprite, at.x + x, at.y + y) then
        image:drawPixel(at.x + x - area.x, at.y + y - area.y, encoded(drawn:getPixel(x, y)))
      end
    end
  end
  app.transaction("Fill with Sprite Lab", function()
    if cel then
      cel.image = image
      cel.position = Point(area.x, area.y)
    else
      sprite:newCel(layer, frame.frameNumber, image, Point(area.x, area.y))
    end
  end)
  app.refresh()
end

-- Runs it; what goes wrong is told in an alert.
local function told(work)
  local ok, problem = pcall(work)
  if not ok then app.alert{ title = "Sprite Lab", text = tostring(problem) } end
  return ok
end

local function connect(plugin)
  local preferences = plugin.preferences
  local dialog = Dialog("Connect to Sprite Lab")
  dialog:label{ text = "Run 'sprite-lab serve'; it prints both." }
  dialog:entry{ id = "address", label = "Address", text = preferences.address }
  dialog:entry{ id = "token", label = "Token", text = preferences.token }
  dialog:button{ id = "ok", text = "Connect" }
  dialog:button{ text = "Cancel" }
  dialog:show()
  if not dialog.data.ok then return false end
  preferences.address = dialog.data.address:gsub("%s", ""):gsub("/+$", "")
  preferences.token = dialog.data.token:gsub("%s", "")
  return true
end

local function open(plugin)
  if plugin.preferences.token == "" and not connect(plugin) then return end
  local info
  if not told(function() info = ask(plugin, "/") end) then
    connect(plugin)
    return
  end
  local classes = { ANY }
  for i = 1, #info.classes do classes[i + 1] = info.classes[i] end
  local dialog = Dialog("Fill with " .. info.model)
  dialog:combobox{ id = "class", label = "Class", option = ANY, options = classes }
  dialog:entry{ id = "words", label = "Words", text = "" }
  dialog:button{
    id = "fill",
    text = "Fill",
    onclick = function()
      local config = { seed = math.random(0, 0x7fffffff) }
      if dialog.data.class ~= ANY then config.classes = { dialog.data.class } end
      local words = {}
      for each in dialog.data.words:gmatch("[^%s,]+") do words[#words + 1] = each end
      if #words > 0 then config.words = words end
      told(function() fill(plugin, info, config) end)
    end,
  }
  dialog:button{ text = "Close" }
  dialog:show{ wait = false }
end

function init(plugin)
  local preferences = plugin.preferences
  preferences.address = preferences.address or "http://127.0.0.1:8737"
  preferences.token = preferences.token or ""
  plugin:newCommand{
    id = "SpriteLabFill",
    title = "Fill with Sprite Lab...",
    group = "edit_fill",
    onclick = function() open(plugin) end,
    onenabled = function() return app.sprite ~= nil end,
  }
  plugin:newCommand{
    id = "SpriteLabConnect",
    title = "Connect to Sprite Lab...",
    group = "edit_fill",
    onclick = function() connect(plugin) end,
  }
end

function exit(plugin) end
