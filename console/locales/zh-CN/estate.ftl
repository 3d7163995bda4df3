# Seats, floors, the map, the seat plan.
seats-title = 席位
seats-no-match = 没有符合条件的席位
seats-no-match-lead = 换一个条件,或清除筛选。
code-starts = 编号开头
held = 租用期间
shift-window = 班次时段
seat-built = 启用期间
map-title = { $building } { $floor }
map-floors = 楼层
map-as-list = 列表
map-colours = 着色方式
map-by-tenant = 按企业
map-by-product = 按产品
map-by-state = 按状态
map-on = 日期
map-pale = 浅色 = 已租未坐(按产品时 = 未出租)。点图例可以只看一类。
map-keys = 按 Ctrl 滚动缩放,拖动平移,方向键在席位间移动。
map-occupied = 有人入座
map-unsat = 已租未坐
map-zones = 各区域
map-none = 还没有席位
map-none-lead = 先导入席位图:楼栋、楼层、区域、席位一次建好。
map-floor-empty = 这一层在这一天没有席位。
seat-import-title = 导入席位
seat-import-done = 席位图已导入:新增 { $added } 席,更新 { $updated } 席。
seat-import-columns = 文件里的列
seat-import-columns-lead = 列的顺序随意,列名也可以用中文。已有编号的席位会被更新;没有的楼栋、楼层、区域会自动建立。
