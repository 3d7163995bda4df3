# 通用
not-found = 没有这个编号的内容。
too-much = 短时间内请求过多。请在 { $seconds } 秒后重试。
too-many-streams = 您已同时关注 { $max } 项内容。请先关闭其中一项。
own-document = 您只能使用控制台自带的查询。如需使用 API，请联系管理员。
too-slow = 处理时间超出限制。请一次少查一些；未作任何更改。
forbidden = 您可以查看，但不能执行此操作。
unauthenticated = 请先登录。
page-size = 每页 1 至 { $max } 条，不能是 { $value }。
cursor-invalid = 这个翻页标记不属于本列表的当前排序。
id-invalid = 这不是对应类型的编号。
idempotency-key = 幂等键须为 1 至 { $max } 个字符。
idempotency-key-reused = 这个幂等键已用于另一个请求。
text-required = 请填写，最多 { $max } 个字符。
text-too-long = 最多 { $max } 个字符。
code-invalid = 代码须为 1 至 { $max } 个字母、数字或 - _ . / 符号。
period-empty = 结束日（{ $to }）必须晚于开始日（{ $from }）。
month-invalid = { $value } 不是月份，请写成 2026-11 的形式。
currency-unknown = { $value } 不是货币代码。
money-invalid = { $value } 不是 { $currency } 的金额。
file-too-large = 文件超过 { $max } MiB。
file-empty = 文件是空的。
file-type-refused = 不接收此类文件。可上传：表格与文本（CSV、TXT）、Excel、Word、PowerPoint、PDF、图片（JPEG、PNG、WebP、SVG）、图纸（文本 DXF）、录音录像（WAV、MP3、MP4）以及压缩的话务记录（GZ）。
file-type-name = 文件名以 .{ $ending } 结尾，但内容是另一种类型（{ $kind }）。请更正文件名。
file-type-declared = 文件声明的类型与其内容（{ $kind }）不符。
file-type-purpose = { $purpose ->
    [import] 只能导入文本、CSV、XLSX 以及压缩文本（GZ）。
    [floor-plan] 楼层底图须为 SVG、PNG、JPEG 或 WebP 图片。
    [placing] 席位按图纸定位须使用文本格式的 DXF 文件。
    [photo] 照片须为 JPEG、PNG 或 WebP 文件。
   *[evidence] 此类文件（压缩文件、SVG、DXF）不能直接作为证据阅读，请上传其中的文件或 PDF。
 }
file-purpose-unknown = 文件用途应为 `import`、`evidence`、`floor-plan`、`placing` 或 `photo`。
schedule-fixed = 此项工作始终按时进行，不能关闭或改期。
schedule-timing = 时间写作 `every N`（每 N 分钟，1-1440），或 `daily`、`weekdays`、`monthly-1` 至 `monthly-31`、`month-end` 加时刻，如 03:30。
file-waiting = 文件正在等待恶意软件检查，请几分钟后再试。
file-infected = 恶意软件扫描在此文件中发现问题，不能使用。
# 身份
sign-in-failed = 邮箱或密码不正确。
scope-unknown = 您没有这个身份。
no-membership = 您的账号目前没有任何身份。
try-again-later = 错误次数过多。请在 { $seconds } 秒后重试。
try-again-in-minutes = 错误次数过多。请在 { $minutes } 分钟后重试。
session-unknown = 没有这次登录，或已结束。
password-wrong = 这不是您当前的密码。
password-same = 这就是您当前的密码，请另选一个。
step-up-required = 请再次确认是您本人：涉及款项与权限的操作，需要在最近 { $minutes } 分钟内输入过密码。
invite-role = 不能以 { $role } 的身份邀请。可邀请园区管理员、园区财务、呼叫中心负责人、评估员和统计员。
invite-tenant = 邀请负责人时须选择一个呼叫中心；邀请园区管理员和财务时不选。
invite-grant = 评估员和统计员须写明授权的用途和期限；其他人没有授权。
invite-pending = 该邮箱已有相同的待接受邀请。请重新发送，或先撤回。
invite-unknown = 没有这个邀请，或已被接受、撤回。
invite-link-bad = 链接已失效：已被使用、撤回或过期。
member-already = 该账号已有此身份。
reset-link-bad = 链接已失效：已被使用或过期。请重新申请。
challenge-late = 登录超时，请重新输入密码。
step-up-code-required = 请再次确认是您本人：涉及款项与权限的操作，需要在最近 { $minutes } 分钟内输入过第二重验证的验证码。
step-up-code = 需要第二重验证的验证码。
step-up-password = 需要您的密码。
factor-first = 此处要求第二重验证。请先设置，设置之前不能使用其他功能。
scope-invalid = 范围由对象与操作组成，例如“billing:read”。
scope-beyond = { $scope } 超出该账号角色的权限，或不能授予程序。
scopes-empty = 请至少选择一个范围。
service-role = 您不能为程序指定角色 { $role }。
service-token-period = 令牌须在今天之后、最迟 { $latest } 失效。
service-too-many = 服务账号已达上限 { $max } 个。
service-tokens-many = 该账号的有效令牌已达上限 { $max } 个，请先撤销一个。
service-unknown = 没有这个服务账号。
service-token-unknown = 没有这个令牌，或已被撤销。
key-unknown = 没有这个密钥，或已停用。
emergency-reason = 请用 { $min } 至 { $max } 个字符说明原因，被进入的一方会看到。
emergency-minutes = 每次进入 { $min } 至 { $max } 分钟。
emergency-unknown = 没有这次进入，或已结束。
code-wrong = 验证码不正确，或已被使用。
factor-present = 已启用第二重验证。
factor-unknown = 没有第二重验证。

# 第三方账号登录
oidc-unknown = 没有这个身份提供方。
oidc-failed = 身份提供方没有应答，或其应答不可信。请重试；如再次发生，请联系其管理员。
oidc-late = 本次登录超时、已被使用，或不是从本浏览器发起。请重新登录。
oidc-denied = 已在身份提供方处取消登录。
oidc-unverified = 身份提供方未说明您的邮箱已经过验证。请先在那里验证邮箱，或用密码登录后在账号页面绑定。
oidc-domain = 身份提供方无权代表您的邮箱域名。请用密码登录后在账号页面绑定。
oidc-no-account = 该登录未对应这里的任何账号。如已有账号，请用密码登录后在账号页面绑定；否则请向园区申请邀请。
oidc-linked = 该第三方账号已绑定到这里的另一个账号。
oidc-link-unknown = 没有这个绑定。
idp-issuer = 请填写身份提供方地址 https://…，不含 ? 和 #。
idp-domain = 请填写最多 { $max } 个域名，如 park.example，不含 @ 和 *。
idp-word = 请填写最多 { $max } 个不含空格的词。
idp-unreachable = 该地址没有 OpenID Connect 身份提供方应答，或其自称的地址不同。
idp-secret = 身份提供方的地址已更改，请填写它所对应的密钥。
idp-too-many = 每个园区最多 { $max } 个身份提供方。

# 通行密钥
passkey-unavailable = 此处无法使用通行密钥：须以域名经 https 访问。
passkey-wrong = 不认识该通行密钥，或其应答不符。请重试，或使用密码登录。
passkey-late = 操作超时或已被使用，请重新开始。
passkey-too-many = 每个账号最多 { $max } 个通行密钥。
passkey-unknown = 没有这个通行密钥。
grant-role = 授权只能给评估员或统计员。
grant-too-long = 授权最长 { $max } 天。
grant-unknown = 没有这个授权，或已被收回。
grant-officer-tenant = 统计人员查看的是整个园区的数字，请不要指定企业。
grant-officer-abilities = 统计人员只能查看。
grant-ability = 您的授权不包括{ $ability ->
    [rate] 评定
    [sample] 调阅佐证
   *[other] 查看
}。
grant-statement-old = 声明内容已更新，请重新阅读。
grant-tenant-doubled = 同一企业出现了两次。
grant-of-region = 此授权属于地区 { $region } 的授权，由平台运营方撤回。
region-code = { $code } 不是地区代码：GB/T 2260 六位数字，如 530000（省）、530100（市）、530111（县区）。
user-unknown = 这个邮箱没有账号。
# 入驻
tenant-code-taken = 代码 { $code } 在本园区已被使用。
# 上传的表格
import-done = 该文件已按其他选项导入。如需重新导入，请选择替换：先前导入的话务将先被移除。
import-log-kept = 事件日志不可替换：其通话可能跨越多个文件。
file-unknown = 没有这个编号的上传文件。
file-kind = 这既不是 CSV 文件，也不是 XLSX 工作簿。旧格式（.xls）或加密的工作簿请先另存为 .xlsx。
file-encoding = 第 { $row } 行不能按 { $encoding } 读取。请将文件另存为 CSV UTF-8。
table-empty = 文件的表头下没有数据行。
table-too-many-rows = 文件超过 { $max } 行，请拆分。
table-too-many-columns = 文件超过 { $max } 列。
table-cell-too-long = 第 { $row } 行有单元格超过 { $max } 个字符，可能缺少一个引号。
table-too-large = 文件解开后的内容超过 { $max } MiB。
table-quote-open = 第 { $row } 行的引号没有闭合。
workbook-broken = 工作簿已损坏，无法读取。
sheet-unknown = 工作簿中没有这个工作表。
row-ragged = 该行有 { $cells } 个单元格，表头有 { $columns } 个。
column-missing = 文件缺少 { $column } 列。
column-doubled = 文件中 { $column } 列重复。
# 成熟度
framework-unknown = 没有标准 { $framework }。
rating-value = 第 { $clause } 条：{ $rating } 评分不能为 { $value }，可用值为 { $allowed }。
ratings-too-many = 一次请求有 { $count } 条评分，而标准只有 { $max } 条。
clause-unknown = { $framework } { $edition } 没有第 { $clause } 条。
clause-doubled = 第 { $clause } 条在同一请求中评了两次。
clause-not-applicable = 第 { $clause } 条不能标为“不适用”：标准没有此取值。
option-unknown = 选项 { $option } 没有取值 { $value }。
assessment-cycle-taken = 标准 { $framework } 在周期 { $cycle } 已有评估。
assessment-day-far = { $day } 距今天超过 { $max } 天。
assessment-not-draft = 评估状态为 { $state ->
    [draft] 草稿
    [submitted] 已提交
    [under_assessment] 评审中
    [assessed] 已评定
   *[other] 已撤回
  }，只有草稿可以编辑。
assessment-not-submitted = 评估状态为 { $state ->
    [draft] 草稿
    [submitted] 已提交
    [under_assessment] 评审中
    [assessed] 已评定
   *[other] 已撤回
  }，只有已提交的评估可以受理。
assessment-not-under-assessment = 评估状态为 { $state ->
    [draft] 草稿
    [submitted] 已提交
    [under_assessment] 评审中
    [assessed] 已评定
   *[other] 已撤回
  }，评估员只能在评审期间评分。
assessment-closed = 评估状态为 { $state ->
    [draft] 草稿
    [submitted] 已提交
    [under_assessment] 评审中
    [assessed] 已评定
   *[other] 已撤回
  }，不能再撤回。
assessment-incomplete = 有 { $count } 条尚未评完，例如：{ $clauses }。
evidence-title-missing = 证据须有标题。
evidence-title-long = 标题有 { $length } 个字符，最多 { $max } 个。
pack-syntax = { $file } 第 { $line } 行：{ $detail }
pack-text-missing = { $file },{ $item }：缺少 { $field }。
pack-value = { $file },{ $item }:{ $field } 为 { $value }，可用值：{ $allowed }。
pack-reference-unknown = { $file },{ $item }:{ $field } 引用了未定义的 { $value }。
pack-key-doubled = { $file },{ $item }:{ $field } { $value } 重复。
pack-range = { $file },{ $item }:{ $field } 为 { $value }，应在 { $min } 至 { $max } 之间。
pack-count = { $file },{ $item }:{ $field } 为 { $value }，应为 { $expected }。
pack-total-unreachable = { $file },{ $item }:{ $field } 要求 { $value } 分，而最高只有 { $max } 分。
level-rule-share = { $domains } 各域中 { $rating } 评为完全符合的条款不少于 { $percent }%。
level-rule-share-points = { $domains } 各域中 { $rating } 的得分不少于 { $percent }%。
level-rule-total = 总分不少于 { $required } 分（满分 { $whole } 分）。
level-rule-total-corrected = 总分不少于 { $required } 分（满分 { $whole } 分；已更正，原文印为 { $printed } 分）。
level-rule-years = 至评估日已运营满 { $required } 年。
level-rule-lower-levels = 以下 { $required } 个级别的条件全部满足。
level-rule-ladder = 此前已达到 { $required } 级：级别须逐级上升。
level-amount-clauses = { $count } / { $whole } 条
level-amount-points = { $count } / { $whole } 分
level-amount-years = { $count } 年
level-amount-levels = { $count } 级
level-amount-level = { $count } 级
# 账单
allocation-doubled = 席位 { $seat } 的分配 { $allocation } 日期重叠。
amount-out-of-range = 金额超出可计算范围。
currency-mismatch = 币种应为 { $expected }，不是 { $found }。
period-open = 期间必须有结束日期。
price-negative = 价格不能为负数。
price-too-large = 价格超过上限 { $max }（最小货币单位）。
proration-invalid = "{ $value }"不是有效的折算方式。
rent-free-outside-term = 免租期 { $from } 至 { $to } 超出租期。
rent-free-overlap = 该免租期与第 { $other } 个免租期重叠。
steps-too-many = 后续价格最多 { $max } 个，现有 { $value } 个。
step-outside-term = 价格变更日须在租期之内：晚于 { $from }，早于 { $to }。
step-order = 每个价格须晚于前一个价格的起始日 { $from }。
seat-held-outside-lease = { $day } 有席位在租约条款之外被占用。
lease-versions-overlap = { $day } 同时有两个租约版本生效。
seat-product-unknown = "{ $value }"不是有效的席位产品。
tax-rate-range = 税率应在 0 到 100% 之间。
invoice-empty-month = { $month } 没有占用席位，无可开账单。
invoice-exists = { $month } 已开账单 { $number }。
invoice-issued = 账单 { $number } 已开具，不能更改。
billing-run-running = { $month } 的出账正在进行，请等它结束。
repricing-months = 结束月份早于开始月份，或超过 { $max } 个月。
invoice-month-open = { $month } 尚未结束，只能预览，不能开具。
invoice-not-issued = 账单未处于已开具状态（{ $state }）。
invoice-has-payments = 账单 { $number } 已有 { $count } 笔付款，不能作废。
book-not-for-platform = 价目表 { $book }，{ $price }：{ $field } 为 { $value }。平台按月后付向园区收费，按席位或席位天及其产品计，不分区域和班次，价格须自首月起一直有效。
operator-unknown = 本系统尚未说明平台运营方是谁：请设置 operator.name 等配置项后再开平台账单。
platform-invoice-not-latest = 平台账单 { $number } 不是该园区最近的一张：请先作废 { $later }。
platform-invoice-unknown = 没有平台账单 { $number }。
platform-month-billed = { $month } 已开平台账单 { $number }。
platform-terms-book = 价目表 { $book } 第 { $version } 版此前已登记，内容不同：请使用新的版本号。
platform-terms-none = { $month } 没有适用的平台收费约定。
invoice-corrected = 账单 { $number } 已对该月作更正：请先作废该账单。
invoice-negative = 更正额超过本月应计金额（{ $amount }）：请对被更正月份的账单出具贷项通知单。
invoice-series-invalid = 账单系列应为 1 至 12 位大写字母或数字。
invoice-number-range = 账单年份或序号超出范围。
invoice-number-invalid = "{ $value }"不是有效的账单编号。
payment-days-range = 付款期限应为 0 至 365 天。
payment-not-positive = 付款金额必须大于零。
payment-over-balance = 付款超过未付余额 { $balance } { $currency }。
payment-bounced = 该款项已于 { $day } 被银行退票。
payment-apply-many = 一次最多 { $max } 张账单。
payment-apply-twice = 该账单重复。
payment-other-tenant = 该账单属于另一租户。
payment-over-credit = 未核销余额只有 { $left } { $currency }。
payment-not-applied = 它没有核销这张账单。
payment-credited = 账单 { $number } 的付款中有一部分已随贷项通知单退还或转入余额，只能撤销 { $left } { $currency }。
payment-refunded = 该款项已退还 { $amount } { $currency }，不可能全部退票。
payment-before = 该余额于 { $day } 形成，此前不能处理。
payment-in-future = 付款日期 { $day } 在今天之后。
why-correction = 更正 { $month }（账单 { $invoice }）：原计 { $billed } { $currency }，按其后登记的情况应为 { $now } { $currency }，差额 { $worth } { $currency }。
why-correction-billed = {" "}原计：{ $why }
why-correction-now = {" "}现计：{ $why }
why-late-usage = { $month } 用量：{ $why }
why-carried-in = 账单 { $invoice } 合计为负，此为其留下的税率 { $rate } % 部分。
why-carried-out = 本账单合计将为负：税率 { $rate } % 部分结转至下一张账单。
why-by-day = 每席位每月 { $price } { $currency } × { $seatDays } 席位天 ÷ 当月 { $days } 天 = { $worth } { $currency }。
why-fixed-thirty = 每席位每月 { $price } { $currency } × { $seatDays } 席位天 ÷ { $days } 天（每月一律按此天数）= { $worth } { $currency }。
why-full-month-before = 每席位每月 { $price } { $currency } × { $seatDays } 席位天 ÷ 当月 { $days } 天 = { $worth } { $currency }；第 { $day } 日前起计费的席位按整月计。
why-whole-months = 每席位每月 { $price } { $currency } × { $seatDays } 席位天 ÷ 当月 { $days } 天 = { $worth } { $currency }；当月任一日计费的席位按整月计。
why-rent-free = { $seatDays } 席位天免租；按每席位每月（{ $days } 天）{ $price } { $currency } 计，本应为 { $worth } { $currency }。
why-minimum-spend = 当月 { $days } 天中有 { $charged } 天约定了最低租金，合计不低于 { $worth } { $currency }；席位租金为 { $reached } { $currency }。
why-concession-percent = { $kind }（{ $reason }）：席位租金余额 { $left } { $currency } 的 { $percent }% = { $worth } { $currency }。
why-concession-fixed = { $kind }（{ $reason }）：每月 { $amount } { $currency }，自席位租金余额 { $left } { $currency } 中减去 = { $worth } { $currency }。
why-concession-part = 此为适用税率 { $rate }% 的租金所分摊的部分。
line-kind-waiver = 租金减免
line-kind-discount = 折扣
line-kind-seat-rent = 席位租金
line-kind-minimum-spend = 最低租金差额
line-kind-rent-free = 免租天数
line-kind-usage = 计量用量
line-kind-one-time = 一次性费用
line-kind-percent = 按比例费用
repricing-line = { $kind }，单价 { $price } { $currency }：原账单 { $storedDays } 席位天计 { $stored }，重新计价 { $againDays } 席位天计 { $again }。
repricing-tax = 税率 { $rate }%：原账单税额 { $stored } { $currency }，重新计价 { $again } { $currency }。
repricing-total = 合计：原账单 { $stored } { $currency }，重新计价 { $again } { $currency }。
# 成本
cost-category-unknown = 没有这个成本类别。
cost-category-posted = 租金取自园区账单，不能录入。
cost-correction-note = 负数金额为更正，请在备注中说明更正内容。
cost-below-zero = 更正金额超过该类别现有的 { $sum } { $currency }。
cost-note-long = 备注最多 { $max } 个字符。
cost-cell-missing = "{ $column }"为空。
cost-month-invalid = 月份格式应为 2026-01。
cost-amount-invalid = 金额应为数字，最多 { $digits } 位小数（{ $currency }）。
cost-row-doubled = 与第 { $first } 行重复。
cost-row-known = 此行以前已导入。
cost-other-month = { $expected } 的数据中混有 { $found } 的记录。
seat-days-negative = 席位天数不能为负。
figure-range = { $from } 至 { $to }
figure-about = 约 { $value }
figure-above = { $value } 以上
figure-below = 低于 { $value }
figure-up-to = 最多 { $value }
figure-forecast = { $year }（预测）
# 园区空间
number-invalid = 这不是整数。
number-range = { $value } 不在 { $min } 至 { $max } 之间。
date-invalid = 这不是日期，请写成 2026-11-21 的形式。
seat-code-doubled = 席位号 { $code } 也出现在第 { $other } 行。
seat-elsewhere = 席位 { $code } 已在另一个区域：{ $place }。
seat-built-fixed = 席位 { $code } 已存在，席位表不能更改其起止日期。
seat-product-held = 席位 { $code } 已被租用，产品只能保持 { $product }。
floor-level-differs = 楼层 { $floor } 的层号是 { $level }。
months-range = 月数须为 1 至 { $max }，不能是 { $value }。
place-day-future = 只能自今日（{ $today }）或更早的日期起生效。
seat-code-twice = 席位号 { $code } 给了两个席位。
seat-code-taken = 席位号 { $code } 已被另一席位使用。
seat-code-was = 另一席位使用席位号 { $code } 至 { $day }（不含），请选择该日或之后的日期。
seat-place-later = 席位 { $code } 自 { $day } 起已有更改，请选择该日或之后的日期。
seat-not-in-zone = 该席位不在区域 { $zone } 内。
zone-leased-meanwhile = 刚有租约占用了该区域的席位，请重新查看。
codes-taken-meanwhile = 其中有编号刚刚被使用，请重新查看。
feature-unknown = 没有特征 { $feature }。
feature-twice = 特征 { $feature } 出现了两次。
feature-value = 这不是 { $feature } 的有效值。
features-none = 请至少填写一个特征。
area-invalid = 这不是面积（平方米，最多两位小数，不超过 { $max }）。
zone-not-there = 没有这个区域。
zone-ended = 区域 { $code } 已于 { $day } 并入其他区域。
zone-day-before = 区域 { $code } 自 { $day } 才开始，请选择该日或之后的日期。
zone-code-taken = 本楼层已有区域 { $code }。
zone-code-was = 本楼层另一区域使用代码 { $code } 至 { $day }（不含），请选择该日或之后的日期。
zone-name-later = 区域 { $code } 自 { $day } 起已改名，请选择该日或之后的日期。
zone-split-whole = 这是区域 { $code } 的全部席位：请改为重命名，或至少留下一个席位。
zones-per-call = 一次 1 至 { $max } 个区域，不能是 { $value } 个。
zone-into-itself = 区域不能并入自身。
zone-other-floor = 区域 { $code } 在另一楼层。
floor-not-there = 没有这个楼层。
picture-broken = 图片无法读取：文件已损坏或不完整。
picture-size = 图片没有尺寸。SVG 须写明大于 0 的 viewBox，或宽和高。
picture-points = 图片为 { $width } x { $height } 像素；最多 { $max } 百万像素，单边不超过 30000。
picture-ratio = 图片的长边不能超过短边的 { $max } 倍。
svg-broken = SVG 无法读取（第 { $line } 行）。
svg-unsafe = SVG 第 { $line } 行含有可运行或指向外部的内容：{ $found }。请去除后另存为普通 SVG。
svg-elements = SVG 的元素过多：最多 { $max } 个（重复引用逐次计入），嵌套不超过 { $depth } 层。
plan-before-floor = 该楼层自 { $day } 起才有席位，请选择该日或之后的日期。
plan-none = { $day } 没有底图。
seat-other-floor = 席位 { $code } 在另一楼层。
seat-gone = 席位 { $code } 已于 { $day } 拆除。
seat-spot-taken = 席位 { $code } 与席位 { $other } 的位置完全重合。
seats-not-moved = 所有席位已在这些位置。
dxf-binary = 这是二进制 DXF。请另存为文本（ASCII）DXF 后上传。
dxf-broken = 图纸无法读取：第 { $line } 行有误，或文件在此中断。
dxf-too-large = 图纸过大：最多读取 { $lines } 行、{ $marks } 个文字。
dxf-none = 图纸的该图层或该属性中没有文字。
dxf-none-known = 图纸中有文字，但没有一个是本楼层的席位号。
dxf-unit-unknown = 图纸未写明绘图单位，请选择。
dxf-code-doubled = 席位号 { $code } 在图纸中出现两次：第 { $other } 行和第 { $line } 行。
dxf-outside = 席位 { $code }（第 { $line } 行）超出平面图范围：两个方向均为 0 至 { $max } 毫米。
photo-of-one = 一张照片只能属于一个区域或一个席位。
photo-future = 拍摄日期须为今日（{ $today }）或更早。
photo-not-there = 没有这张照片，或已被移除。
photos-too-many = 一个区域或席位最多 { $max } 张照片，请先移除一张。
# 租赁
deposit-negative = 押金不能为负。
tax-rate-invalid = { $value } 不是税率（百分比，最多两位小数）。
tenant-unknown = 没有这个入驻企业。
lease-code-taken = 该企业已有租约 { $code }。
lease-unknown = 没有这份租约。
seats-per-call = 一次 1 至 { $max } 个席位，不能是 { $value } 个。
id-doubled = 同一个编号出现了两次。
shift-window = { $from } 至 { $to } 分钟不是有效时段：须在当天开始（0 至 1439），且不超过一天。
allocation-outside-term = 这份租约下的席位可租用期为 { $from } 至 { $to }。
seat-unknown = 没有这个席位。
seat-not-built = 席位 { $seat } 的存在期为 { $from } 至 { $to }，未覆盖整个期间。
seat-product-differs = 席位 { $seat } 是 { $product }，租约要求 { $wanted }。
amend-nothing = 该变更未改变任何条款。
amend-before-last = 最近一次约定自 { $from } 起生效，变更须自该日或之后起。
amend-outside-term = 租期为 { $from } 至 { $to }（不含），变更须在租期内生效。
amend-billed = 该租约已出账至 { $to }（不含），请选择该日或之后的日期。
amend-seats-held = 仍有席位租用至 { $to }（不含），请先退还席位。
lease-end-later = 租约已于 { $to } 结束。
share-invalid = 不是最多四位小数的百分比。
share-range = 应在 0 至 { $max }% 之间。
grace-days-range = 应在 0 至 { $max } 天之间。
late-fee-cap = 上限低于一天的违约金。
decrease-outside-term = { $on } 不在租期内。
renewal-months-range = 应在 1 至 { $max } 个月之间。
tax-basis-fixed = 价格是否含税签订后不能变更。
reverse-charge-tax-included = 由承租方自行缴税时，价格不能含税。
concession-off = 请填写大于 0% 的比例或大于 0 的金额，二者择一。
concession-months = { $from } 至 { $last } 不在租期的月份内。
concession-twice = 相同月份已有同样原因的同样减让。
minimum-rows = 最多 { $max } 行。
minimum-outside-term = { $on } 不在租期内。
minimum-order = 应晚于上一行的日期 { $from }。
minimum-range = 应在 0 至 { $max } 之间。
windows-overlap = 与前面的时段重叠。
own-zone-shared = 自该日起本租约所在区域还有其他企业租用席位，不能约定独立区域。
shift-outside-lease = 租约不允许在这些时段租用席位。
zone-shared = 席位 { $seat }：租约要求独立区域，而该区域届时有其他企业租用席位。
zone-apart = 席位 { $seat }：所在区域由另一租约独立使用。
decrease-notice = 租约 { $lease }：退还席位须提前 { $days } 天提出，最早 { $first }。
decrease-too-early = 租约 { $lease }：{ $first } 之前不能退还席位。
seats-below-minimum = 租约 { $lease }：{ $on } 将只剩 { $left } 个席位，少于约定的 { $min } 个。
renewal-none = 租约没有约定续租权。
index-none = 该租约未约定指数调整。
index-figure = { $value } 不是有效的指数：应为大于 0、不超过 1,000,000 的数，最多四位小数。
index-early = { $from } 起才能进行本次指数调整。
index-over = 租约于 { $to } 结束，早于新租金的起始日。
index-months-range = 调整间隔为 { $value } 个月，应为 1 至 { $max } 个月。
index-outside-term = 下次调整日早于租约起始日 { $from }。
index-with-steps = { $on } 已约定租金，不早于指数调整日。同一期间只能约定阶梯租金或指数调整之一。
renewal-late = 续租权应在 { $by } 之前行使。
renewal-price = 按续租权，每席位月最高 { $max }。
renewal-term = 续租后的结束日应晚于现在的 { $to }。
renewal-twice = 按续租权续租 { $months } 个月，请不要填写结束日。
transfer-same-tenant = 租约已属于该企业。
transfer-outside-term = 租约转让日应晚于 { $from } 且早于 { $to }。
lease-version-unknown = 租约没有这个版本。
lease-unsigned = 本园区须先签署租约的合同文本，再分配席位。
template-unknown = 没有这个模板；可用 { $known }。
special-too-many = 最多 { $max } 段。
paper-exists = 已有合同文本 { $number }，请先撤回。
paper-state = 该合同文本{ $state ->
    [drafted] 待审批
    [approved] 已审批
    [signed] 已签署
    [refused] 未通过审批
   *[other] 已撤回
}，现在不能这样做。
paper-own = 起草人不能审批自己起草的合同文本，须由他人审批。
paper-approved-already = 您已审批过，须由另一人审批。
signed-later = 不能晚于今天 { $today }。
approvals-range = 审批人数应在 1 至 { $max } 之间。
warn-days-invalid = 一至 { $count } 个 1 至 { $max } 的数字，须依次递减。
settlement-running = 租约至 { $to }（不含）届满，最后一日起方可结算。
settlement-open-seats = 租约下仍有 { $seats } 个席位在租。
settlement-uncorrected = 须先以账单或贷项通知单更正：{ $months }。
corrections-none = 没有补记的事实改变该租约已出账的金额。
corrections-owed = 有变动的月份均比已出账金额多：由下一张账单补收。
correction-credit-over = { $month }：各账单经以往贷项通知单冲减后的余额不足以冲回。
settlement-unbilled = 须先开具账单：{ $months }。
settlement-charges = 最多 { $max } 项费用。
settlement-kind = 该类费用由账务得出，请选择其他类型。
settlement-amount = 金额须大于 0，无论由谁支付。
settlement-item = 查验清单中没有 { $item }。
settlement-remark = 请用 1 至 { $max } 个字说明问题。
settlement-exists = 租约已有未撤回的结算单。
settlement-state = 结算单{ $state ->
    [agreed] 双方已确认
   *[other] 已撤回
}，不能再这样做。
seat-held = 席位 { $seat } 在 { $from } 至 { $to } 已被租用。
seat-out-of-service = 席位 { $seat } 在 { $from } 至 { $to } 停用。
seat-on-hold = 席位 { $seat } 在 { $from } 至 { $to } 已为他人保留。
hold-expiry-range = 保留的截止时间须晚于现在，且最多为 { $max } 天之后。
hold-unknown = 没有这项保留。
hold-not-live = 该保留已结束：席位已放弃、已分配，或已过期。
hold-of-other = 这些席位是为另一家入驻企业保留的。
seat-not-in-hold = 该席位不在此项保留之内，或已不在。
outage-unknown = 没有这项停用记录。
outage-over = 该席位已于 { $to } 恢复使用。
outage-before-start = 该停用自 { $from } 才开始。
seats-held-meanwhile = 其中有席位刚刚被租用，请重新查看。
allocation-unknown = 没有这个分配记录。
release-before-start = 席位 { $seat } 自 { $from } 才开始租用。
release-after-end = 席位 { $seat } 自 { $to } 起已经释放。
# 人员与排班
employee-no-doubled = 该工号已在第 { $first } 行出现。
person-still-placed = 该人员自 { $from } 起至 { $to }（不含）仍有排班或席位，请先调整。
teams-too-many = 一个呼叫中心最多 { $max } 个班组。
changed-meanwhile = 他人同时修改了该内容，请重试。
shift-span = 班次须在当日第 0 至 1439 分钟开始，并在其后结束，最长 24 小时。
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
seat-not-held = 该席位在所选起始日未分配给贵方。
seat-held-until = 贵方持有该席位至 { $to }（不含）为止。
seat-occupied = 席位 { $seat } 在该日及之后仍有 { $people } 人入座，最晚至 { $until }。
vacate-day = 日期须晚于 { $from }，且不晚于结束日。
patience-required = Erlang A 需要填写耐心时长（秒）。
# 人力测算
not-a-quantity = { $value } 无效：请填写不小于零的数值。
period-not-positive = 时段长度必须大于零秒。
handle-time-zero = 有话务量但平均处理时长为零，无法计算所需人数。
handle-time-missing = 所有时段均无处理时长：请填写，或导入已接通的话务。
load-too-large = 话务负荷超过十亿爱尔兰：请检查话务量、时段长度和处理时长。
erlang-unstable = { $agents } 名坐席无法承担 { $load } 爱尔兰的负荷：若无人放弃，队列将无限增长。
patience-invalid = 耐心时长不能为 { $value }，须不小于零秒。
blocking-range = 阻塞率须在 0 与 1 之间（不含两端），不能为 { $value }。
lines-zero = 至少需要一条线路。
service-level-range = 服务水平须不小于 0 且小于 1（100% 无法达到），不能为 { $value }。
occupancy-range = 最高占用率须大于 0 且不超过 1，不能为 { $value }。
abandonment-range = 最高放弃率须大于 0 且不超过 1，不能为 { $value }。
asa-range = 平均应答时长上限须大于 0 秒，不能为 { $value }。
shrinkage-range = 损耗率须不小于 0 且小于 1，不能为 { $value }。
agents-too-many = 任何可能的坐席人数都无法达到该目标：请放宽目标或检查负荷。
# 运营
call-file-empty = 文件中没有话务记录。
call-file-encoding = 第 { $row } 行不能按 { $encoding } 读取。请选择文件真实的编码。
call-file-header = 第一行不是此格式的表头。应为：{ $expected }
call-file-nonsense = 文件中没有一行能读懂，最前面的几行已列出。文件真的是这种格式吗？
call-file-not-queue-log = 最前面的几行都不是 Asterisk queue_log 的记录。
csv-column-doubled = 表头中列 { $column } 出现了不止一次。
csv-column-missing = 表头中没有列 { $column }。
figures-too-long = 期间最长 { $max } 天。
file-bomb = 文件解压后超过其大小的 { $ratio } 倍；话务记录不会如此。
file-cut = 文件不完整：在第 { $row } 行中断。此前的行已导入；请提供完整文件，系统只会补入缺少的记录。
file-damaged = 压缩文件已损坏，未导入任何内容。
import-interrupted = 导入多次中断。请重新提供文件；已读取的行会保留。
mapping-column-empty = 请填写列名。
mapping-delimiter = 字段分隔符须为逗号、分号、制表符或竖线。
mapping-handle-missing = 请指定处理时长列或通话时长列，或结束时间列。
mapping-missing = 分隔文件需要说明各列的含义。
mapping-outcome-empty = 请说明该列中哪些词表示已接起。
mapping-queue = 请指定队列列，或为所有行指定一个队列。
mapping-text = 列说明中含有文本不允许的字符。
mapping-time-pattern = 这个格式不能表示日期和时刻。
mapping-unwanted = 只有分隔文件才有列说明。
mapping-wait-missing = 请指定等待时长列，或接起时间列和结束时间列。
queue-log-entered-again = { $entered } 进入队列的来电在离开之前再次进入。
queue-log-never-ended = 日志没有说明 { $entered } 进入队列的来电如何结束。
queue-log-out-of-order = 该事件与此来电之前的情况不符。
row-cut-short = 该行在最后一个字段之前就结束了。
row-date-invalid = 这不是日期。
row-direction-unknown = 列说明中没有这个表示呼叫方向的词。
row-duration-negative = 时长不能为负。
row-duration-too-long = 时长最多 { $limit } 秒。
row-field-count = 该行有 { $found } 个字段，应为 { $expected } 个。
row-number-invalid = 这不是数字。
row-outcome-unknown = 不认识这个表示结果的词。
row-priority-invalid = 这不是优先级。
row-quotes-broken = 该行的引号不成对。
row-text-too-long = 文本最多 { $limit } 字节。
row-time-invalid = 这不是时间。
row-time-out-of-range = 时间不在 1970 年至 2199 年之内。
row-times-disagree = 各时刻与其间的秒数不一致。
row-too-long = 该行超过 { $limit } 字节。
row-value-missing = 缺少数值。
zone-unknown = { $value } 不是时区。
abandonment-rate = 放弃率
abandonment-rate-formula = 放弃量 ÷ 请求人工量
abandonment-rate-without-short = 放弃率（不计短时放弃）
abandonment-rate-without-short-formula = （放弃量 − 5 秒内放弃量）÷（请求人工量 − 5 秒内放弃量）
average-speed-of-answer = 平均应答速度
average-speed-of-answer-formula = 接起话务的等待秒数 ÷ 接起量
average-speed-of-answer-waited = 平均应答速度（仅计有等待的）
average-speed-of-answer-waited-formula = 接起话务的等待秒数 ÷ 等待超过 0 秒后接起的量
average-delay = 平均等待时间
average-delay-formula = 请求人工话务的等待秒数 ÷ 请求人工量
mean-time-to-abandon = 平均放弃时间
mean-time-to-abandon-formula = 放弃话务的等待秒数 ÷ 放弃量
longest-wait = 最长等待时间
longest-wait-formula = 请求人工话务中最长的等待
patience-estimate = 耐心估计
patience-estimate-formula = 请求人工话务的等待秒数 ÷ 放弃量
average-handle-time = 平均处理时长
average-handle-time-formula = 接起话务的处理秒数 ÷ 处理时长已知的接起量
average-handle-time-named = 平均处理时长（坐席已知）
average-handle-time-named-formula = 坐席已知的接起话务的处理秒数 ÷ 其数量
suspect-hang-up-rate = 疑似坐席挂断率
suspect-hang-up-rate-formula = 处理时长不足 10 秒的接起量 ÷ 处理时长已知的接起量
suspect-hang-ups = 疑似坐席挂断量
suspect-hang-ups-formula = 处理时长不足 10 秒的接起量
total-handle-time = 处理总时长
total-handle-time-formula = 接起话务的处理秒数
median-handle-time = 处理时长中位数
median-handle-time-formula = 接起话务处理时长居中的一个，或居中两个的平均
distinct-agents = 坐席人数
distinct-agents-formula = 接起过话务的不同坐席
# Provisioning
email-invalid = 这不是邮箱地址。
password-weak = 密码至少 { $min } 个字符，且不能只是少数字符的重复。
user-exists = 该邮箱已有账号。
park-code-taken = 代码为 { $code } 的园区已存在。
park-unknown = 没有此代码的园区。
city-tier = 城市级别为 1 至 5，不能是 { $value }。
role-scope = 角色 { $role } 不属于此处：园区角色须指定园区，企业角色须指定入驻企业，评估员与统计员须授权。

# 后台任务
job-failed = 尝试 { $attempts } 次后仍未完成。可以重新开始；若再次失败，请提供编号 { $job }。
job-cancelled = 任务已取消。
job-again = 暂未成功，系统会自动重试。
job-not-ended = 只有已放弃或已取消的任务才能重新开始。
job-ended = 任务已结束，或此前已取消。

# Pipeline
credit-code-form = 统一社会信用代码为 18 位，由数字和大写字母组成，不含 I、O、S、V、Z。
credit-code-check = 统一社会信用代码有误：末位校验码与前面各位不符。
phone-invalid = 这不是电话号码。
staff-unknown = 不是本园区的工作人员。
lead-unknown = 没有这条线索。
lead-seats = 席位数应在 1 至 { $max } 之间。
lead-step = 线索不能从「{ $from ->
    [new] 新线索
    [contacted] 已联系
    [visited] 已看房
    [quoted] 已报价
    [won] 已成交
   *[lost] 已流失
}」变为「{ $to ->
    [new] 新线索
    [contacted] 已联系
    [visited] 已看房
    [quoted] 已报价
    [won] 已成交
   *[lost] 已流失
}」。
lead-step-by-quote = 发出报价即为已报价，报价被接受即为已成交，不能手工设置。
lead-closed = 此线索{ $state ->
    [won] 已成交
   *[lost] 已流失，请先重新打开
}。
lead-lost-reason = 请说明流失原因。
lead-next-day = 请说明当天要做什么。
lead-taken = 此线索已由其他人负责。
lead-credit-code-taken = 已有相同统一社会信用代码的线索。
lead-name-known = 已有同名线索（{ $state ->
    [new] 新线索
    [contacted] 已联系
    [visited] 已看房
    [quoted] 已报价
    [won] 已成交
   *[lost] 已流失
}）。确为另一家企业时才请仍然登记。
lead-name-of-tenant = 已有同名的入驻企业。请指明该企业；确为另一家企业时可仍然登记。
lead-too-many = 每条线索此项最多 { $max } 条。
visit-unknown = 没有这次看房。
visit-time = 看房时间应在 00:00 至 23:59 之间。
visit-zones = 一次看房最多 { $max } 个区域。
visit-over = 此次看房{ $state ->
    [done] 已完成
   *[cancelled] 已取消
}，请另行预约。
visit-to-come = 看房日期为 { $day }，尚未到来。
quote-unknown = 没有这份报价。
quote-lines = 报价应有 1 至 { $max } 行。
quote-seats = 席位数合计应在 1 至 { $max } 之间。
quote-term-too-long = 租期最多跨 { $max } 个自然月。
quote-valid-past = 报价有效期不能早于今天（{ $today }）。
quote-deposit-twice = 押金请填月数或金额，不能两者都填。
deposit-months-range = 应在 0 至 { $max } 个月之间。
notice-days-range = 应在 0 至 { $max } 天之间。
quote-state = 报价 { $number } 为「{ $state ->
    [draft] 草稿
    [sent] 已发出
    [accepted] 已接受
    [declined] 已谢绝
    [expired] 已过期
   *[withdrawn] 已撤回
}」，不能这样操作。
quote-newer = 报价 { $number } 已有更新的版本。
quote-lease-codes = 租约编号多于报价行数。
quote-tenant-needed = 该线索还不是入驻企业，请填写企业代码。
quote-tenant-known = 该线索已经是本园区的入驻企业。

# 席位日
seat-days-range = 统计区间最多跨 { $max } 个自然月。
effective-rule-unknown = 没有这个有效席位规则。
seat-required = 请指定席位。
yes-no-invalid = 只能填写「是」或「否」。
identity-invalid = 证件号码不正确。
proof-doubled = 第 { $first } 行已有该人员该月份的记录。
month-future = 该月份尚未开始。
proof-not-employed = 该人员在该月份不在职。
contract-overlaps = 该人员在这段时间已有另一份合同。
identity-doubled = 该证件号码在该月份已用于另一名人员。
day-future = 该日期尚未到来。
presence-unknown = 该文件没有仍然有效的登录记录。

# 席位申请。
request-unknown = 没有这个申请。
request-seats = 席位数应在 1 到 { $max } 之间。
request-past = 起始日期不能早于今天（{ $today }）。
request-named-more = 只有退掉或更换的席位才需要指明；增加席位时不能指明。
request-named-count = 指明了 { $named } 个席位，而申请的是 { $seats } 个。
request-seat-not-held = { $from } 及以后您不持有这个席位。
request-overtaken = 这个申请刚刚有人处理过，现在是「{ $state ->
    [asked] 待受理
    [taken_up] 处理中
    [asked_back] 待企业补充
    [offered] 待企业确认
    [agreed] 企业已同意
    [accepted] 已同意
    [declined] 未同意
   *[withdrawn] 已撤回
}」，请重新查看。
request-step = 现在不能这样操作：申请的状态是「{ $state ->
    [asked] 待受理
    [taken_up] 处理中
    [asked_back] 待企业补充
    [offered] 待企业确认
    [agreed] 企业已同意
    [accepted] 已同意
    [declined] 未同意
   *[withdrawn] 已撤回
}」。
request-side = 这一步由对方处理。
request-reference = 只能在提出方案或同意时，指明属于该企业的分配、租约、保留或报价。
request-steps = 一个申请最多 { $max } 步。
request-days = 天数应在 1 到 { $max } 之间。

# 席位分派给班组和项目。
campaign-code-taken = 代码 { $code } 已被另一个项目使用。
campaigns-too-many = 已有 { $max } 个项目。
campaign-unknown = 没有这个项目。
team-unknown = 没有这个班组。
assign-whom = 请指明班组或项目，也可同时指明。
assign-not-held = 席位 { $seat } 在 { $from } 至 { $to } 期间不由您持有。
assign-taken = 席位 { $seat } 在 { $from } 至 { $to } 的该时段已分派给其他人。
assigned-meanwhile = 其中一个席位刚刚被分派，请重新查看。
assignment-unknown = 没有这个分派。
assignment-reversed = 这个分派已被撤销。
assignment-end-day = 结束日期须在首日（{ $from }）之后、原结束日期之前；误做的分派请撤销。
amount-not-collectable = 无法收取 { $amount } { $currency }：小于流通中的最小面值。
billing-day-range = { $day } 不是 1 至 31 日之间的日期。
credit-not-positive = 贷记金额须大于 0，现为 { $amount }。
credit-over-line = { $amount } 超过该行剩余的 { $left }。
credit-refund-over = { $amount } 超过本通知单所冲减的已付金额 { $left } { $currency }。
credit-over-paid = { $amount } 超过已付的 { $left }。
curve-range = 从 { $from } 到 { $to } 个席位范围过大，最多 { $max } 个点。
discount-invalid = 折扣应为 0 至 100 的百分比，或不为负的金额。
invoice-outside-term = { $day } 不在确认期内。
seat-without-price = 价目表 { $book } 第 { $version } 版没有适用于区域 { $zone }、班次 { $shift } 的席位在 { $day } 的价格。请发布含该价格的版本并变更租约，或更正区域。
invoice-nothing-owed = 账单 { $number } 已无欠款。
invoice-not-written-off = 账单 { $number } 没有核销过坏账。
price-not-agreed = 价目表在 { $day } 没有价格 { $price }。
usage-meters = 请提供 1 至 { $max } 个计量表的读数。
statement-too-large = 账单超过 { $max } 张；请按列表查询。
usage-month-ahead = { $month } 尚未开始。
usage-meter-unknown = 该租约的价目表当月不对计量表 { $meter } 计费；计费的有：{ $known }。
usage-meter-doubled = 计量表 { $meter } 重复。
usage-quantity = { $value } 不是有效用量：须为不小于 0 的数字，小数最多 { $digits } 位。
quantity-negative = 数量不能为负：{ $value }。
tier-missing = 没有阶梯包含 { $value } 个单位。
seats-below-scheduled = { $day } 将只剩 { $left } 个席位，而已排定 { $least } 个。
steps-apart = { $file }，{ $item }：{ $field } 止于 { $to }，而下一段始于 { $next }。
tiers-not-ascending = { $file }，{ $item }：{ $field } { $value } 不大于 { $before }。
tiers-open-end = { $file }，{ $item }：{ $field }：有且仅有最后一个阶梯没有上限。

# 价目表
price-book-version = { $file }，{ $item }：{ $field } 为 { $value }；最新版本为 { $latest }，下一版本应为 { $next }。
book-price-unknown = 价目表中没有价格 { $price }。
curve-of-amounts = { $price } 按其他金额的比例计，没有随席位数变化的曲线。
book-quote-seats = 可测算 1 至 { $max } 个席位。
book-quote-days = 可测算 1 至 { $max } 天。
book-with-price = 租约要么使用价目表，要么约定单价；使用价目表时单价为 0，且没有分期调价。
book-with-clause = 价目表自带最低约定，且不随指数调整；请去掉这些条款。
book-month = 更换或停用价目表须自某月第一天起。
book-not-for-lease = 价目表 { $book } 第 { $version } 版，{ $price }：{ $field } 为 { $value }。租约按月计费；除计量价目外，预付或后付须与租约约定一致。
price-book-unknown = 没有价目表 { $book } 第 { $version } 版。
lease-book-mixed = { $month } 同时适用两份价目表，无法出账。
lease-book-missing = 找不到租约所用的价目表 { $book } 第 { $version } 版。
why-book = { $title }（价目表 { $book } 第 { $version } 版）：{ $why }
why-book-slice = { $seats } 个席位，整期 { $full } { $currency } × { $sliceDays } 天
why-book-slice-whole = { $seats } 个席位，整期 { $full } { $currency }，按全部 { $sliceDays } 个计费天
why-book-slice-above = 超出已计费的 { $above } 个之外的 { $seats } 个席位，整期 { $full } { $currency } × { $sliceDays } 天
why-book-flats = {" "}+ 一次性 { $flats } { $currency }；
why-book-at-most = {" "}合计不超过 { $cap } { $currency }；
why-book-less = {" "}− 另一行已计的 { $less } { $currency }；
why-book-nothing = 无
why-book-tier = 第 { $tier } 阶梯：{ $units } 个单位计 { $cost } { $currency }
why-book-tier-flat = 第 { $tier } 阶梯：{ $units } 个单位计 { $cost } { $currency }，另一次性 { $flat } { $currency }
why-book-slices = { $parts }；÷ 当期 { $days } 天；{ $more } = { $worth } { $currency }。
why-book-rent-free = 免租：{ $parts }；÷ 当期 { $days } 天；{ $more } 本应为 { $worth } { $currency }。
why-book-minimum-seats = 按约定最少席位计，减去实际持有的部分：{ $parts }；÷ 当期 { $days } 天；{ $more } = { $worth } { $currency }。
why-book-quantity = 共 { $quantity }，其中此前已计费 { $billed }：{ $parts }；{ $more } = { $worth } { $currency }。
why-book-once = 当期新增 { $quantity } 个席位：{ $parts }；{ $more } = { $worth } { $currency }。
why-book-percent = 其他各行 { $quantity } { $currency } 的 { $percent } %{ $more } = { $worth } { $currency }。
why-book-cap = 当期不超过 { $maximum } { $currency }：此前已计 { $billed } { $currency }，本次 { $amount } { $currency }，因此调整 { $worth } { $currency }。
why-book-true-up = 当期约定不低于 { $minimum } { $currency }；已达 { $reached } { $currency }，尚差 { $worth } { $currency }。

# 总账
amount-not-positive = { $amount } 不大于零。
applied-exceeded = { $amount } { $currency } 超过该处已核销的 { $left }。
book-month-closed = { $month } 已结账。
book-month-not-last = { $month } 不能重新打开；最近结账的月份是 { $last }。
book-month-unbilled = { $month } 尚未全部出账：{ $leases } 份租约没有该月账单。请先出账，或说明本月不含它们即可结账。
book-month-not-next = { $next } 结账之前不能结 { $month }。
credit-line-doubled = 账单第 { $line } 行在贷项通知单中出现两次。
credit-not-total = 贷项通知单合计 { $total } { $currency }，已分派 { $given }。
credit-outside-service = 贷项所涉日期不全在该行的服务期内（{ $from } 起，{ $to } 之前）。
deposit-exceeded = { $amount } { $currency } 超过所持押金 { $left }。
deposit-payer = 该押金属于另一付款方。
document-line-unknown = { $document } 没有第 { $line } 行。
document-two-currencies = { $document } 的币种是 { $expected }；{ $key } 中有一行是 { $found }。
document-unknown = { $document } 尚未记账。
entry-empty = { $key } 没有分录行。
entry-not-cost = 第 { $number } 号分录不是成本。
days-both = 首日和末日的次日须同时填写或都不填。
entry-is-reversal = { $key } 是冲销分录，不能再被冲销。
entry-line-zero = { $key } 第 { $line } 行金额为零。
entry-not-balanced = { $key } 借贷不平：{ $currency } 相差 { $left }。
entry-reversed = { $key } 已被冲销过。
entry-unknown = 没有分录 { $key }。
entry-used = { $key } 不能入账：后来的事项以被冲销的内容为依据。
invoice-settled = { $document } 已有收款、贷项或坏账转销，不能作废。
invoice-total-negative = 账单合计为 { $total } { $currency }；应退的金额请开贷项通知单。
open-exceeded = { $amount } { $currency } 超过未付的 { $left }。
payment-used = { $amount } { $currency } 中只有 { $left } 可以退回；其余已退款或转作押金。
posting-key-taken = { $key } 已以其他内容入账。
prepaid-exceeded = { $amount } { $currency } 超过预收余额 { $left }。
rounding-exceeded = { $amount } { $currency } 超过允许的尾差 { $left }。
shares-not-total = 各方分担合计 { $shares } { $currency }，账单合计 { $total }。
tax-exceeded = 税额 { $tax } 超出 { $amount } 所能包含的范围。
term-unknown = 该处没有收入计划。
written-off-exceeded = { $amount } { $currency } 超过已转销坏账的 { $left }。
ledger-unapplied = { $source } 撤销核销 { $document }。
ledger-applied = { $source } 核销 { $document }。
ledger-cost = 成本：{ $note }
ledger-credit-note = 贷项通知单 { $note }，冲减 { $document }。
ledger-earned = 确认收入至 { $until }（不含当日）。
ledger-levelled = 租约按直线法确认收入至 { $until }（不含当日）。
ledger-earned-invoiced = 出账前已确认的收入（至 { $until }，不含当日）转入账单。
ledger-earned-corrected = 更正收入至 { $until }（不含当日）。
ledger-invoice-issued = 开具账单 { $document }。
ledger-invoice-voided = 作废账单 { $document }。
ledger-moved = 核销款由 { $from } 转至 { $to }。
ledger-refunded = { $document } 退款。
ledger-payment-bounced = 付款 { $document } 被银行退回。
ledger-written-off = 账单 { $document } 核销坏账。
ledger-recovered = 账单 { $document } 恢复应收。
ledger-rounded-off = { $document } 的尾差。
ledger-reversed = 冲回第 { $number } 号分录。
ledger-payment-received = 收到款项 { $document }。
book-month-none-closed = 尚无已结账月份，{ $month } 未结账。
book-month-not-over = { $month } 尚未结束。
statement-too-long = 对账单最多包含 { $max } 个月。

# 账单双方
tax-number-form = 这不是纳税人识别号：应为 18 位（统一社会信用代码或居民身份证号码），或法规仍认可的 15 位、20 位旧码。
tax-number-check = 该纳税人识别号有误：校验位与其余各位不符。
bank-account-invalid = 银行账号只能由数字和字母组成，最多 { $max } 位。
bank-with-account = 开户行与账号须同时填写，或都不填。
fapiao-tax-number = 开具增值税专用发票须填写购买方的纳税人识别号。
mails-too-many = 账单最多发送到 { $max } 个邮箱。
mail-doubled = 该邮箱重复填写。
tenant-required = 请指明入驻企业。
document-format = 该文件没有这种格式。
document-withdrawn = 已作废的账单只提供 PDF 和工作簿，不提供给会据以入账的程序。

# 账单邮件
invoices-count = 请指明 1 至 { $max } 张账单。
credit-notes-count = 请选择 1 至 { $max } 张贷项通知单。
invoice-withdrawn = 账单 { $number } 已作废，不能发送。
invoice-no-address = { $number } 无法发送：{ $tenant } 没有登记接收账单的邮箱。

# 发票登记
fapiao-kind = 没有这种发票。
fapiao-digits = { $digits ->
    [0] 该种发票没有发票代码。
   *[other] 应为 { $digits } 位数字。
    }
fapiao-known = 发票 { $number } 已经登记过。
fapiao-later = 开票日期不能晚于今天（{ $today }）。
fapiao-amount = { $amount } 不能作为发票金额：红字发票的金额不带负号。
fapiao-blue = 这不是该账单的蓝字发票。
fapiao-over = { $amount } 超过剩余的 { $left }。
fapiao-stands = 该账单尚有 { $amount } 的发票未冲红：请先登记红字发票。
fapiao-withdrawn = 账单 { $number } 已作废，不能再登记蓝字发票。
