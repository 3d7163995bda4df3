# The park's pages.
place-park-home = 总览
place-park-map = 席位图
place-park-seats = 席位
place-park-tenants = 企业
place-park-leases = 租约
place-park-invoices = 账单
place-park-grants = 授权

park-home-title = 总览
park-home-leased = 出租席位
park-home-leased-sub = 入座 { $occupied } · 空闲 { $free }
park-home-leased-how = 今天有租约占用的席位数，除以今天已建成且未拆除的席位数。空闲 = 已建成而无人租用。
park-home-occupied = 入座率
park-home-occupied-unit = 出租席位中有人的
park-home-occupied-how = 今天有人员安排入座的已租席位，除以全部已租席位。一席多班只计一次。
park-home-billed = { $month }账单
park-home-billed-sub = 已收 { $paid } · 逾期 { $overdue }（{ $n } 家）
park-home-billed-how = 该月 { $n } 张账单的含税合计，未收 { $open }。逾期 = 过了到期日仍有余额。
park-home-billed-column = { $month }账单
park-home-paid-share = 已收 { $share }%。
park-home-maturity = 成熟度
park-home-unrated = { $n } 家未评
park-home-maturity-how = 每家企业最近一次已评定的等级（CC-CMM-OC 2011），按等级计数。
park-home-use = 谁在用席位？
park-home-use-unit = 席 · 月均 · 近 13 个月
park-home-needs = 需要您处理
park-home-ends-title = 即将到期的租约：
park-home-ends = { $days } 天内 { $n } 份
park-home-needs-none = 目前没有需要处理的事。
park-home-need-late = { $tenant } 的账单 { $number } 逾期，余额 { $amount }
park-home-need-seats = { $tenant } 的租约 { $code } 已开始，席位数为 { $n }
park-home-need-ends = { $tenant } 的租约 { $code }（{ $n } 席）即将到期
park-home-need-starts = { $tenant } 的租约 { $code }（{ $n } 席）即将开始
park-home-tenants-note = 共 { $n } 家
place-statistics = 统计
statistics-tenants-how = 在园企业数。
statistics-leased = 已租席位
statistics-leased-how = 今天由租约分配给企业的席位。
statistics-occupied = 入座席位
statistics-occupied-how = 今天有人员入座的席位。
statistics-people = 从业人员
statistics-people-how = 今天由各企业聘用的人员。
statistics-withheld = 不足五家企业，不予公布
statistics-unrated = 未评定
statistics-closed = 没有对您开放的统计数字
statistics-closed-lead = 查看园区统计数字需要整个园区的授权，并已作利益声明。
