-- A stand-in for the parts of Aseprite's scripting API that the extension uses, as documented at
-- https://aseprite.org/api. ``host`` is Python: files of pictures, JSON, and what people answer.

ColorMode = { RGB = 0, GRAY = 1, INDEXED = 2 }

function Point(x, y) return { x = x, y = y } end

local Rect = {}
Rect.__index = function(self, name)
  if name == "isEmpty" then return self.width <= 0 or self.height <= 0 end
  return Rect[name]
end
function Rectangle(x, y, width, height)
  return setmetatable({ x = x, y = y, width = width, height = height }, Rect)
end
function Rect:intersect(o)
  local x, y = math.max(self.x, o.x), math.max(self.y, o.y)
  local r = math.min(self.x + self.width, o.x + o.width)
  local b = math.min(self.y + self.height, o.y + o.height)
  return Rectangle(x, y, math.max(0, r - x), math.max(0, b - y))
end
function Rect:union(o)
  local x, y = math.min(self.x, o.x), math.min(self.y, o.y)
  local r = math.max(self.x + self.width, o.x + o.width)
  local b = math.max(self.y + self.height, o.y + o.height)
  return Rectangle(x, y, r - x, b - y)
end

local pc = {}
function pc.rgba(r, g, b, a) return r | g << 8 | b << 16 | (a or 255) << 24 end
function pc.rgbaR(v) return v & 255 end
function pc.rgbaG(v) return v >> 8 & 255 end
function pc.rgbaB(v) return v >> 16 & 255 end
function pc.rgbaA(v) return v >> 24 & 255 end
function pc.graya(v, a) return v | (a or 255) << 8 end
function pc.grayaV(v) return v & 255 end
function pc.grayaA(v) return v >> 8 & 255 end

local Picture = {}
Picture.__index = function(self, name)
  if name == "bounds" then return Rectangle(0, 0, self.width, self.height) end
  return Picture[name]
end
function Image(width, height, mode)
  if type(width) == "table" then
    local w, h, values = host.load(width.fromFile)
    local image = Image(w, h, ColorMode.RGB)
    for i = 1, w * h do image.values[i] = values[i] end
    return image
  end
  local image = { width = width, height = height, colorMode = mode or ColorMode.RGB, values = {} }
  for i = 1, width * height do image.values[i] = 0 end
  return setmetatable(image, Picture)
end
function Picture:getPixel(x, y) return self.values[y * self.width + x + 1] end
function Picture:drawPixel(x, y, value)
  assert(math.type(value) == "integer", "a pixel is an integer")
  assert(x >= 0 and y >= 0 and x < self.width and y < self.height)
  self.values[y * self.width + x + 1] = value
end
function Picture:clear(bounds, value)
  assert(bounds.width == self.width and bounds.height == self.height)
  for i = 1, #self.values do self.values[i] = value end
end
function Picture:drawImage(image, at)
  assert(image.colorMode == self.colorMode)
  for y = 0, image.height - 1 do
    for x = 0, image.width - 1 do
      local u, v = x + at.x, y + at.y
      if u >= 0 and v >= 0 and u < self.width and v < self.height then
        self:drawPixel(u, v, image:getPixel(x, y))
      end
    end
  end
end
function Picture:drawSprite(sprite, frame, at)
  assert(math.type(frame) == "integer" and self.colorMode == ColorMode.RGB)
  for _, cel in ipairs(sprite.cels) do
    for y = 0, cel.image.height - 1 do
      for x = 0, cel.image.width - 1 do
        local u, v = x + cel.position.x, y + cel.position.y
        local value = sprite:seen(cel.image:getPixel(x, y))
        local p, q = u + at.x, v + at.y
        if u >= 0 and v >= 0 and u < sprite.width and v < sprite.height and pc.rgbaA(value) > 0
          and p >= 0 and q >= 0 and p < self.width and q < self.height then
          self:drawPixel(p, q, value)
        end
      end
    end
  end
end
function Picture:saveAs(path)
  host.save(path, self.width, self.height, table.concat(self.values, " "))
end

local Drawn = {}
Drawn.__index = function(self, name)
  if name == "bounds" then return Rectangle(0, 0, self.width, self.height) end
  return Drawn[name]
end
function Drawn:newCel(layer, frame, image, position)
  local cel = { image = image, position = position, frame = frame }
  setmetatable(cel, { __index = function(_, name)
    if name == "bounds" then
      return Rectangle(cel.position.x, cel.position.y, cel.image.width, cel.image.height)
    end
  end })
  self.cels[#self.cels + 1] = cel
  return cel
end
function Drawn:seen(value)
  if self.colorMode == ColorMode.RGB then return value end
  if self.colorMode == ColorMode.GRAY then
    local v = pc.grayaV(value)
    return pc.rgba(v, v, v, pc.grayaA(value))
  end
  if value == self.transparentColor then return 0 end
  local color = self.palettes[1]:getColor(value)
  return pc.rgba(color.red, color.green, color.blue)
end

local Colors = { __len = function(self) return #self.colors end }
Colors.__index = { getColor = function(self, i) return self.colors[i + 1] end }

function new_sprite(width, height, mode)
  local colors = {}
  for i = 0, 7 do
    colors[i + 1] = { red = (i & 1) * 255, green = (i >> 1 & 1) * 255, blue = (i >> 2 & 1) * 255 }
  end
  local sprite = setmetatable({
    width = width, height = height, colorMode = mode, cels = {}, transparentColor = 0,
    palettes = { setmetatable({ colors = colors }, Colors) },
  }, Drawn)
  sprite.selection = { isEmpty = true, bounds = Rectangle(0, 0, 0, 0), pixels = {} }
  function sprite.selection:contains(x, y) return self.pixels[y * 65536 + x] == true end
  local layer = { isImage = true, isEditable = true, isTilemap = false }
  function layer:cel(frame)
    assert(math.type(frame) == "integer")
    return sprite.cels[1]
  end
  app.sprite, app.layer, app.frame = sprite, layer, { frameNumber = 1 }
  return sprite
end

function select_pixels(sprite, points)
  local left, top, right, bottom = math.huge, math.huge, -1, -1
  for i = 1, #points, 2 do
    local x, y = points[i], points[i + 1]
    sprite.selection.pixels[y * 65536 + x] = true
    left, top = math.min(left, x), math.min(top, y)
    right, bottom = math.max(right, x), math.max(bottom, y)
  end
  sprite.selection.isEmpty = false
  sprite.selection.bounds = Rectangle(left, top, right - left + 1, bottom - top + 1)
end

json = { decode = function(text) return host.decode(text) end }
local function encoded(value)
  if type(value) ~= "table" then return host.encode(value) end
  local parts = {}
  if #value > 0 then
    for _, item in ipairs(value) do parts[#parts + 1] = encoded(item) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for name, item in pairs(value) do
    parts[#parts + 1] = host.encode(name) .. ":" .. encoded(item)
  end
  return "{" .. table.concat(parts, ",") .. "}"
end
json.encode = encoded

alerts, undo, dialogs, commands = {}, {}, {}, {}

app = { pixelColor = pc }
app.fs = { pathSeparator = "/", joinPath = function(...) return table.concat({ ... }, "/") end }
function app.alert(what)
  alerts[#alerts + 1] = type(what) == "table" and what.text or what
  return 1
end
function app.transaction(label, work)
  undo[#undo + 1] = label
  work()
end
function app.refresh() end

local Form = {}
Form.__index = Form
function Dialog(title)
  local dialog = setmetatable({ title = title, data = {}, buttons = {} }, Form)
  dialogs[#dialogs + 1] = dialog
  return dialog
end
function Form:label() return self end
function Form:entry(of)
  self.data[of.id] = of.text
  return self
end
function Form:combobox(of)
  self.data[of.id], self.options = of.option, of.options
  return self
end
function Form:button(of)
  self.buttons[of.text] = of
  return self
end
function Form:show(of)
  self.shown = true
  if not of or of.wait ~= false then host.answer(self) end
  return self
end
function press(dialog, text) dialog.buttons[text].onclick() end

plugin = { preferences = {} }
function plugin:newCommand(of) commands[of.id] = of end
