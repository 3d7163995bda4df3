# The park's pages.
place-park-home = 总览

# Words that many pages share.
all = 全部
month = 月份
month-earlier = 上个月
month-later = 下个月
state = 状态
level = 等级
tenant = 企业
seat-product = 席位产品
seats-built = 建成
seats-leased = 出租
seats-occupied = 入座
seats-free = 空闲
seats-leased-column = 出租(席)
occupied-share = 入座率
of-seats = / { $n } 席
fraction = { $part } / { $whole } 席
today = 今天
in-days = { $n } 天后
days-late = 已逾 { $n } 天
overdue-days = 逾期 { $n } 天
not-billed = 未出账
tenants-title = 入驻企业
tenants-none = 还没有入驻企业
tenants-none-lead = 先登记一家企业,再为它签订租约、分配席位。
tenant-new-title = 登记企业
lease-new-title = 新建租约
invoices-title = 账单

park-home-title = 总览
park-home-leased = 出租席位
park-home-leased-sub = 入座 { $occupied } · 空闲 { $free }
park-home-leased-how = 今天有租约占用的席位数,除以今天已建成且未拆除的席位数。空闲 = 已建成而无人租用。
park-home-occupied = 入座率
park-home-occupied-unit = 出租席位中有人的
park-home-occupied-how = 今天有人员安排入座的已租席位,除以全部已租席位。一席多班只计一次。
park-home-billed = { $month }账单
park-home-billed-sub = 已收 { $paid } · 逾期 { $overdue }({ $n } 家)
park-home-billed-how = 该月 { $n } 张账单的含税合计,未收 { $open }。逾期 = 过了到期日仍有余额。
park-home-billed-column = { $month }账单
park-home-paid-share = 已收 { $share }%。
park-home-maturity = 成熟度
park-home-unrated = { $n } 家未评
park-home-maturity-how = 每家企业最近一次已评定的等级(CC-CMM-OC 2011),按等级计数。
park-home-use = 谁在用席位?
park-home-use-unit = 席 · 月均 · 近 13 个月
park-home-needs = 需要您处理
park-home-needs-none = 目前没有需要处理的事。
park-home-need-late = { $tenant } 的账单 { $number } 逾期,余额 { $amount }
park-home-need-seats = { $tenant } 的租约 { $code } 已开始,席位数为 { $n }
park-home-need-ends = { $tenant } 的租约 { $code }({ $n } 席)即将到期
park-home-need-starts = { $tenant } 的租约 { $code }({ $n } 席)即将开始
park-home-tenants-note = 共 { $n } 家
