{% set numbers, played = atlas.numbers, sheet.played %}
<?xml version="1.0" encoding="UTF-8"?>
<tileset version="1.10" tiledversion="1.10.2" name={{ sheet.title|attribute }} tilewidth="{{ atlas.frame[0] }}" tileheight="{{ atlas.frame[1] }}" spacing="{{ atlas.gap }}" margin="{{ atlas.margin }}" tilecount="{{ atlas.counts[0] * atlas.counts[1] }}" columns="{{ atlas.counts[0] }}">
 <image source={{ sheet.picture|attribute }} width="{{ atlas.size[0] }}" height="{{ atlas.size[1] }}"/>
{% for number in numbers %}
{% set i = loop.index0 %}
 <tile id="{{ number }}"{% if sheet.class_of(i) %} type={{ sheet.class_of(i)|attribute }}{% endif %}>
  <properties>
   <property name="name" value={{ sheet.names[i]|attribute }}/>
  </properties>
{% if i in played %}
  <animation>
{% for frame in range(i, played[i] + 1) %}
   <frame tileid="{{ numbers[frame] }}" duration="{{ sheet.duration(frame) }}"/>
{% endfor %}
  </animation>
{% endif %}
 </tile>
{% endfor %}
{% if sheet.tile_sets %}
 <wangsets>
{% for tiles in sheet.tile_sets %}
  <wangset name={{ tiles.title|attribute }} type="corner" tile="-1">
{% for name in tiles.names %}
   <wangcolor name={{ name|attribute }} color="#{{ "%02x%02x%02x"|format(*tiles.colors[loop.index0]) }}" tile="-1" probability="1"/>
{% endfor %}
{% for number in numbers %}
{% set corners = tiles.codes[loop.index0] %}
{% if corners %}
{# Clockwise from the north-east, between edges, which have no terrain. #}
   <wangtile tileid="{{ number }}" wangid="{% for k in (1, 3, 2, 0) %}0,{{ corners[k]|int + 1 }}{{ "," if not loop.last }}{% endfor %}"/>
{% endif %}
{% endfor %}
  </wangset>
{% endfor %}
 </wangsets>
{% endif %}
</tileset>
