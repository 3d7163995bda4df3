# 邮件：<类型>-subject、-lead、-link、-note。
hello = 您好：
sign = Voxpark · { $park }

role-park-administrator = 园区管理员
role-park-finance = 园区财务
role-tenant-manager = 呼叫中心负责人
role-assessor = 评估员
role-statistics-officer = 统计员

invitation-subject = { $park }邀请您加入
invitation-lead = { $park }邀请您加入，身份为：{ $role }。
invitation-link = 接受邀请
invitation-note = 链接只能使用一次，{ $days } 天内有效。如您并不知情，无需任何操作。

password-reset-subject = { $park }：设置新密码
password-reset-lead = 有人（可能是您本人）为您的账号申请了新密码。
password-reset-link = 设置新密码
password-reset-note = 链接只能使用一次，{ $minutes } 分钟内有效。如非本人操作，无需任何操作，您的密码保持不变。

password-changed-subject = 您的密码已更改
password-changed-lead = 您账号的密码已更改，其他登录均已结束。
password-changed-note = 如非本人操作，请立即在登录页申请新密码，并告知管理员。

change-passkey-added = 新增了通行密钥
change-passkey-removed = 移除了通行密钥
change-factor-added = 启用了验证器验证码
change-factor-removed = 停用了验证器验证码
change-link-added = 新增了通过单位账号登录
change-link-removed = 移除了通过单位账号登录
account-changed-subject = 您账号的登录方式已变更
account-changed-lead = 您账号的登录方式有变更：{ $change }。
account-changed-note = 如非本人操作，请在“我的账号”中结束所有登录，更改密码，并告知管理员。

session-reused-subject = 一次登录因凭证被复制而结束
session-reused-lead = 有人出示了您某次登录中已用过的凭证（{ $device }）。凭证可能已被复制，该登录已被结束。
session-reused-note = 请更改密码，并请人检查该设备。其他登录不受影响，可在“我的账号”中查看。

mode-read = 仅查看
mode-write = 查看与修改
emergency-subject = 平台运维人员已进入{ $place }
emergency-lead = { $operator } 因紧急情况进入{ $place }（{ $park }），权限：{ $mode }，最迟至 { $until }。说明的原因：{ $reason }
emergency-link = 查看，或立即结束
emergency-note = 期间的每项操作都在您的审计日志中标明。如果您不知道有紧急情况，请立即结束，并询问平台运维人员。

act-ask = 已提出
act-take-up = 园区已受理
act-ask-back = 园区需要补充说明
act-answer = 企业已答复
act-offer = 园区提出方案
act-agree = 企业同意方案
act-refuse = 企业不同意方案
act-accept = 园区同意
act-decline = 园区不同意
act-withdraw = 企业已撤回
act-say = 有新的留言
turn-you = 现在轮到您处理。
turn-they = 现在轮到对方处理。
turn-none = 无需再处理。
seat-request-subject = { $place }的第 { $number } 号席位申请：{ $act }
seat-request-lead = { $place }向{ $park }提出的第 { $number } 号席位申请：{ $act }。
seat-request-link = 查看申请
seat-request-note = { $turn }下一步最后日期：{ $until }。

invoice-subject = { $park }账单 { $number }
invoice-lead = 附件为 { $month } 的账单 { $number }（PDF），合计 { $total }，请于 { $due } 前支付。
invoice-note = 付款时请注明账单编号 { $number }。
credit-note-subject = { $park }的贷项通知单 { $number }
credit-note-lead = 随信附上账单 { $of } 的贷项通知单 { $number }（PDF），合计 { $total }。
credit-note-note = 抵减欠款、退款或转入余额的金额见通知单。

platform-invoice-subject = { $park }的平台账单 { $number }
platform-invoice-lead = 平台运营方已向{ $park }开出 { $month } 的平台账单 { $number }，合计 { $total }，请于 { $due } 前支付。
platform-invoice-link = 查看平台账单
platform-invoice-note = 付款时请注明账单编号 { $number }。
