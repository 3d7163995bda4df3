# What stands around every page.
shell-skip = 跳到正文
shell-places = 主导航
shell-search = 搜索
shell-search-hint = 搜索席位、企业、租约、账单（按 / 键）
shell-as-of = 截至 { $date }
shell-language = 语言
shell-switch = 切换身份
shell-sign-out = 退出登录
shell-crumbs = 所在位置

keys-title = 键盘操作
keys-search = 搜索
keys-rows = 在表格中上下移动
keys-open = 打开所选一行
keys-primary = 本页的主要操作
keys-help = 显示这份说明
keys-close = 关闭

sign-in-title = 登录
sign-in-lead = 呼叫中心园区管理
sign-in-email = 电子邮箱
sign-in-password = 密码
sign-in-scope = 以何身份登录
sign-in-scope-hint = 您有多个身份。选择一个并再次输入密码。
sign-in-do = 登录
sign-out-done = 您已退出登录。
scope-title = 选择身份
scope-lead = 您有多个身份。之后可以在右上角的账号菜单中切换。

welcome-title = 欢迎
welcome-park = 园区

stop-not-found = 没有这个页面
stop-not-found-lead = 网址可能有误，内容可能已被移除，或者不在您的权限范围内。
stop-forbidden = 您不能这样做
stop-forbidden-lead = 您的身份可以查看，但不能执行这项操作。请联系园区管理员。
stop-elsewhere = 这个页面属于其他角色
stop-elsewhere-lead = 您当前登录的角色使用另外的页面，请从导航进入。
stop-failed = 出了问题
stop-failed-lead = 这是我们的问题，您输入的内容没有被保存。请稍后重试；若仍不行，请把请求编号告诉管理员。
stop-request = 请求编号 { $id }
stop-home = 回到首页

how = 如何计算
open-ended = 未定
chart-values = 数值表
chart-nothing = 还没有数据。

pager-label = 翻页
pager-range = 第 { $from }–{ $to } 条，共 { $total } 条
pager-files = 全部导出
pager-first = 首页
pager-next = 下一页

form-optional = 选填
form-save = 保存
form-required = 此项必填。
form-choose = 请选择
form-whole-number = 请输入整数。
form-date = 请输入日期，如 2026-11-21。
form-time = 请输入时刻，如 08:30。
form-errors = 有 { $n } 处需要修改
form-back = 返回

map-zoom-in = 放大
map-zoom-out = 缩小
map-zoom-all = 显示全部
form-more-errors = 另有 { $n } 处
