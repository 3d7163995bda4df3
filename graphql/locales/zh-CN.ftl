# 通用
not-found = 没有这个编号的内容。
forbidden = 您可以查看,但不能执行此操作。
unauthenticated = 请先登录。
page-size = 每页 1 至 { $max } 条,不能是 { $value }。
cursor-invalid = 这个翻页标记不是本系统给出的。
id-invalid = 这不是对应类型的编号。
idempotency-key = 幂等键须为 1 至 { $max } 个字符。
idempotency-key-reused = 这个幂等键已用于另一个请求。
text-required = 请填写,最多 { $max } 个字符。
text-too-long = 最多 { $max } 个字符。
code-invalid = 代码须为 1 至 { $max } 个字母、数字或 - _ . / 符号。
period-empty = 结束日({ $to })必须晚于开始日({ $from })。
month-invalid = { $value } 不是月份,请写成 2026-11 的形式。
currency-unknown = { $value } 不是货币代码。
money-invalid = { $value } 不是 { $currency } 的金额。
file-too-large = 文件超过 { $max } MiB。
file-empty = 文件是空的。
# 身份
sign-in-failed = 邮箱或密码不正确。
scope-unknown = 您没有这个身份。
no-membership = 您的账号目前没有任何身份。
grant-role = 授权只能给评估员或统计员。
grant-too-long = 授权最长 { $max } 天。
grant-unknown = 没有这个授权,或已被收回。
user-unknown = 这个邮箱没有账号。
# 入驻
tenant-code-taken = 代码 { $code } 在本园区已被使用。
# 上传的表格
file-unknown = 没有这个编号的上传文件。
file-kind = 这既不是 CSV 文件,也不是 XLSX 工作簿。旧格式(.xls)或加密的工作簿请先另存为 .xlsx。
file-encoding = 第 { $row } 行不能按 { $encoding } 读取。请将文件另存为 CSV UTF-8。
table-empty = 文件的表头下没有数据行。
table-too-many-rows = 文件超过 { $max } 行,请拆分。
table-too-many-columns = 文件超过 { $max } 列。
table-cell-too-long = 第 { $row } 行有单元格超过 { $max } 个字符,可能缺少一个引号。
table-too-large = 文件解开后的内容超过 { $max } MiB。
table-quote-open = 第 { $row } 行的引号没有闭合。
workbook-broken = 工作簿已损坏,无法读取。
sheet-unknown = 工作簿中没有这个工作表。
row-ragged = 该行有 { $cells } 个单元格,表头有 { $columns } 个。
column-missing = 文件缺少 { $column } 列。
column-doubled = 文件中 { $column } 列重复。
# 成熟度
framework-unknown = 没有标准 { $framework }。
rating-value = 第 { $clause } 条:{ $rating } 评分不能为 { $value },可用值为 { $allowed }。
ratings-too-many = 一次请求有 { $count } 条评分,而标准只有 { $max } 条。
clause-unknown = { $framework } { $edition } 没有第 { $clause } 条。
clause-doubled = 第 { $clause } 条在同一请求中评了两次。
clause-not-applicable = 第 { $clause } 条不能标为“不适用”:标准没有此取值。
option-unknown = 选项 { $option } 没有取值 { $value }。
assessment-cycle-taken = 标准 { $framework } 在周期 { $cycle } 已有评估。
assessment-day-far = { $day } 距今天超过 { $max } 天。
assessment-not-draft = 评估状态为 { $state ->
    [draft] 草稿
    [submitted] 已提交
    [under_assessment] 评审中
    [assessed] 已评定
   *[other] 已撤回
  },只有草稿可以编辑。
assessment-not-submitted = 评估状态为 { $state ->
    [draft] 草稿
    [submitted] 已提交
    [under_assessment] 评审中
    [assessed] 已评定
   *[other] 已撤回
  },只有已提交的评估可以受理。
assessment-not-under-assessment = 评估状态为 { $state ->
    [draft] 草稿
    [submitted] 已提交
    [under_assessment] 评审中
    [assessed] 已评定
   *[other] 已撤回
  },评估员只能在评审期间评分。
assessment-closed = 评估状态为 { $state ->
    [draft] 草稿
    [submitted] 已提交
    [under_assessment] 评审中
    [assessed] 已评定
   *[other] 已撤回
  },不能再撤回。
assessment-incomplete = 有 { $count } 条尚未评完,例如:{ $clauses }。
evidence-title-missing = 证据须有标题。
evidence-title-long = 标题有 { $length } 个字符,最多 { $max } 个。
pack-syntax = { $file } 第 { $line } 行:{ $detail }
pack-text-missing = { $file },{ $item }:缺少 { $field }。
pack-value = { $file },{ $item }:{ $field } 为 { $value },可用值:{ $allowed }。
pack-reference-unknown = { $file },{ $item }:{ $field } 引用了未定义的 { $value }。
pack-key-doubled = { $file },{ $item }:{ $field } { $value } 重复。
pack-range = { $file },{ $item }:{ $field } 为 { $value },应在 { $min } 至 { $max } 之间。
pack-count = { $file },{ $item }:{ $field } 为 { $value },应为 { $expected }。
pack-total-unreachable = { $file },{ $item }:{ $field } 要求 { $value } 分,而最高只有 { $max } 分。
level-rule-share = { $domains } 各域中 { $rating } 评为完全符合的条款不少于 { $percent }%。
level-rule-share-points = { $domains } 各域中 { $rating } 的得分不少于 { $percent }%。
level-rule-total = 总分不少于 { $required } 分(满分 { $whole } 分)。
level-rule-total-corrected = 总分不少于 { $required } 分(满分 { $whole } 分;已更正,原文印为 { $printed } 分)。
level-rule-years = 至评估日已运营满 { $required } 年。
level-rule-lower-levels = 以下 { $required } 个级别的条件全部满足。
level-rule-ladder = 此前已达到 { $required } 级:级别须逐级上升。
level-amount-clauses = { $count } / { $whole } 条
level-amount-points = { $count } / { $whole } 分
level-amount-years = { $count } 年
level-amount-levels = { $count } 级
level-amount-level = { $count } 级
# 账单
allocation-doubled = 席位 { $seat } 的分配 { $allocation } 日期重叠。
amount-out-of-range = 金额超出可计算范围。
currency-mismatch = 币种应为 { $expected },不是 { $found }。
period-open = 期间必须有结束日期。
price-negative = 价格不能为负数。
price-too-large = 价格超过上限 { $max }(最小货币单位)。
proration-invalid = "{ $value }"不是有效的折算方式。
rent-free-outside-term = 免租期 { $from } 至 { $to } 超出租期。
rent-free-overlap = 该免租期与第 { $other } 个免租期重叠。
seat-held-outside-lease = { $day } 有席位在租约条款之外被占用。
lease-versions-overlap = { $day } 同时有两个租约版本生效。
seat-product-unknown = "{ $value }"不是有效的席位产品。
tax-rate-range = 税率应在 0 到 100% 之间。
invoice-empty-month = { $month } 没有占用席位,无可开账单。
invoice-exists = { $month } 已开账单 { $number }。
invoice-issued = 账单 { $number } 已开具,不能更改。
invoice-month-open = { $month } 尚未结束,只能预览,不能开具。
invoice-not-issued = 账单未处于已开具状态({ $state })。
invoice-has-payments = 账单 { $number } 已有 { $count } 笔付款,不能作废。
invoice-series-invalid = 账单系列应为 1 至 12 位大写字母或数字。
invoice-number-range = 账单年份或序号超出范围。
invoice-number-invalid = "{ $value }"不是有效的账单编号。
payment-days-range = 付款期限应为 0 至 365 天。
payment-not-positive = 付款金额必须大于零。
payment-over-balance = 付款超过未付余额 { $balance } { $currency }。
payment-in-future = 付款日期 { $day } 在今天之后。
why-by-day = 每席位每月 { $price } { $currency } × { $seatDays } 席位天 ÷ 当月 { $days } 天 = { $worth } { $currency }。
why-fixed-thirty = 每席位每月 { $price } { $currency } × { $seatDays } 席位天 ÷ { $days } 天(每月一律按此天数)= { $worth } { $currency }。
why-full-month-before = 每席位每月 { $price } { $currency } × { $seatDays } 席位天 ÷ 当月 { $days } 天 = { $worth } { $currency };第 { $day } 日前起计费的席位按整月计。
why-whole-months = 每席位每月 { $price } { $currency } × { $seatDays } 席位天 ÷ 当月 { $days } 天 = { $worth } { $currency };当月任一日计费的席位按整月计。
why-rent-free = { $seatDays } 席位天免租;按每席位每月({ $days } 天){ $price } { $currency } 计,本应为 { $worth } { $currency }。
line-kind-seat-rent = 席位租金
line-kind-rent-free = 免租天数
repricing-line = { $kind },单价 { $price } { $currency }:原账单 { $storedDays } 席位天计 { $stored },重新计价 { $againDays } 席位天计 { $again }。
repricing-tax = 税率 { $rate }%:原账单税额 { $stored } { $currency },重新计价 { $again } { $currency }。
repricing-total = 合计:原账单 { $stored } { $currency },重新计价 { $again } { $currency }。
# 成本
cost-category-unknown = 没有这个成本类别。
cost-category-posted = 租金取自园区账单,不能录入。
cost-correction-note = 负数金额为更正,请在备注中说明更正内容。
cost-below-zero = 更正金额超过该类别现有的 { $sum } { $currency }。
cost-note-long = 备注最多 { $max } 个字符。
cost-cell-missing = "{ $column }"为空。
cost-month-invalid = 月份格式应为 2026-01。
cost-amount-invalid = 金额应为数字,最多 { $digits } 位小数({ $currency })。
cost-row-doubled = 与第 { $first } 行重复。
cost-row-known = 此行以前已导入。
cost-other-month = { $expected } 的数据中混有 { $found } 的记录。
seat-days-negative = 席位天数不能为负。
figure-range = { $from } 至 { $to }
figure-about = 约 { $value }
figure-above = { $value } 以上
figure-below = 低于 { $value }
figure-up-to = 最多 { $value }
figure-forecast = { $year }(预测)
# 人员与排班
employee-no-doubled = 该工号已在第 { $first } 行出现。
date-invalid = 这不是日期,请写成 2026-11-21 的形式。
person-still-placed = 该人员自 { $from } 起至 { $to }(不含)仍有排班或席位,请先调整。
teams-too-many = 一个呼叫中心最多 { $max } 个班组。
changed-meanwhile = 他人同时修改了该内容,请重试。
shift-span = 班次须在当日第 0 至 1439 分钟开始,并在其后结束,最长 24 小时。
shift-break = 休息时间须短于班次。
shift-code-taken = 班次代码 { $code } 已存在。
shifts-too-many = 一个呼叫中心最多 { $max } 个班次。
shift-unknown = 没有这个班次。
shift-overlap = { $day } 的班次与前一日或后一日的班次重叠。
roster-entries = 一次可修改 1 至 { $max } 条排班。
roster-too-wide = 一次最多 { $max } 天。
roster-entry-doubled = 该人员当日的排班已是第 { $first } 条。
person-unknown = 没有这个人员。
person-not-employed = 该人员在所选日期并非全部在职。
person-elsewhere = 该人员在此期间已有席位。
seat-not-held = 该席位在所选日期并非全部分配给贵方。
vacate-day = 日期须晚于 { $from },且不晚于结束日。
patience-required = Erlang A 需要填写耐心时长(秒)。
# 人力测算
not-a-quantity = { $value } 无效:请填写不小于零的数值。
period-not-positive = 时段长度必须大于零秒。
handle-time-zero = 有话务量但平均处理时长为零,无法计算所需人数。
handle-time-missing = 所有时段均无处理时长:请填写,或导入已接通的话务。
load-too-large = 话务负荷超过十亿爱尔兰:请检查话务量、时段长度和处理时长。
erlang-unstable = { $agents } 名坐席无法承担 { $load } 爱尔兰的负荷:若无人放弃,队列将无限增长。
patience-invalid = 耐心时长不能为 { $value },须不小于零秒。
blocking-range = 阻塞率须在 0 与 1 之间(不含两端),不能为 { $value }。
lines-zero = 至少需要一条线路。
service-level-range = 服务水平须不小于 0 且小于 1(100% 无法达到),不能为 { $value }。
occupancy-range = 最高占用率须大于 0 且不超过 1,不能为 { $value }。
abandonment-range = 最高放弃率须大于 0 且不超过 1,不能为 { $value }。
asa-range = 平均应答时长上限须大于 0 秒,不能为 { $value }。
shrinkage-range = 损耗率须不小于 0 且小于 1,不能为 { $value }。
agents-too-many = 任何可能的坐席人数都无法达到该目标:请放宽目标或检查负荷。
# 园区空间
number-invalid = 这不是整数。
number-range = { $value } 不在 { $min } 至 { $max } 之间。
seat-code-doubled = 席位号 { $code } 也出现在第 { $other } 行。
seat-elsewhere = 席位 { $code } 已在另一个区域:{ $place }。
seat-built-fixed = 席位 { $code } 已存在,席位表不能更改其起止日期。
seat-product-held = 席位 { $code } 已被租用,产品只能保持 { $product }。
floor-level-differs = 楼层 { $floor } 的层号是 { $level }。
months-range = 月数须为 1 至 { $max },不能是 { $value }。
# 租赁
deposit-negative = 押金不能为负。
tax-rate-invalid = { $value } 不是税率(百分比,最多两位小数)。
tenant-unknown = 没有这个入驻企业。
lease-code-taken = 该企业已有租约 { $code }。
lease-unknown = 没有这份租约。
seats-per-call = 一次 1 至 { $max } 个席位,不能是 { $value } 个。
id-doubled = 同一个编号出现了两次。
shift-window = { $from } 至 { $to } 分钟不是一天之内的时段(0 至 1440)。
allocation-outside-term = 这份租约下的席位可租用期为 { $from } 至 { $to }。
seat-unknown = 没有这个席位。
seat-not-built = 席位 { $seat } 的存在期为 { $from } 至 { $to },未覆盖整个期间。
seat-product-differs = 席位 { $seat } 是 { $product },租约要求 { $wanted }。
seat-held = 席位 { $seat } 在 { $from } 至 { $to } 已被租用。
seats-held-meanwhile = 其中有席位刚刚被租用,请重新查看。
allocation-unknown = 没有这个分配记录。
release-before-start = 席位 { $seat } 自 { $from } 才开始租用。
release-after-end = 席位 { $seat } 自 { $to } 起已经释放。
